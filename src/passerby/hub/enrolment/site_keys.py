"""Invitations and keys of sites, in the register. Each change stands in the log, in the same transaction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from passerby.errors import ConfigError
from passerby.hub.contract import Venue
from passerby.hub.gather.senders import Sender, SenderError
from passerby.hub.register.log import Action
from passerby.hub.register.register import Register, venue_of
from passerby.hub.register.tables import INVITATIONS, KEYS, VENUES
from passerby.records.wire.joining import (
    DAY_S,
    KEY_LIFE_S,
    MOST_INVITATION_DAYS,
    OVERLAP_S,
    JoinAnswer,
    Token,
)
from passerby.records.wire.keys import Key, PublicKey

SITE = "site"
"""Stands in the log where a site itself did something."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation, shown once.

    Attributes:
        venue: that it is for.
        token: what the site proves it with.
        until_unix_s: when it ends.
    """

    venue: Venue
    token: Token
    until_unix_s: int


class SiteKeys:
    """Who may send as which venue.

    Args:
        register: venues, and the database.
    """

    def __init__(self, register: Register) -> None:
        self._register, self._database = register, register.database

    def invite(self, slug: str, days: int, hub: PublicKey, by: str) -> Invitation:
        """Invites the site of a venue. Earlier invitations that were not used end.

        Args:
            slug: of the venue.
            days: how long it is good for.
            hub: public key of this hub.
            by: who invites.

        Raises:
            ConfigError: there is no such venue, or the days cannot be.
            StoreError: nothing was written.
        """
        if not 1 <= days <= MOST_INVITATION_DAYS:
            raise ConfigError([f"--days is from 1 to {MOST_INVITATION_DAYS}"])
        venue, token = self._register.known(slug), Token(Key.made(), hub)
        now = int(self._register.clock())
        until = now + days * DAY_S
        with self._database.writing() as connection:
            _withdraw(connection, venue.number)
            connection.execute(
                INVITATIONS.insert().values(
                    key=token.key.public.name, venue=venue.number, made_unix_s=now, until_unix_s=until
                )
            )
            self._register.log.enter(connection, by, Action.INVITED, f"{slug}, for {days} days", venue.number)
        return Invitation(venue, token, until)

    def invited(self) -> set[int]:
        """Numbers of venues that have an invitation which is good, or a site that joined, whether or not it sent yet.

        Raises:
            StoreError: they cannot be read.
        """
        now = int(self._register.clock())
        unused = and_(INVITATIONS.c.used_by.is_(None), INVITATIONS.c.withdrawn == 0, INVITATIONS.c.until_unix_s > now)
        taken = and_(KEYS.c.revoked_unix_s.is_(None), KEYS.c.until_unix_s > now)
        with self._database.reading() as connection:
            invited = connection.execute(select(INVITATIONS.c.venue).where(unused)).scalars().all()
            joined = connection.execute(select(KEYS.c.venue).where(taken)).scalars().all()
        return {*map(int, invited), *map(int, joined)}

    def join(self, invitation: str, key: PublicKey) -> JoinAnswer:
        """A site joins with a key. The same again, since the answer was lost, is answered alike.

        Args:
            invitation: name of the invitation's key, with which the request was signed.
            key: the site's, with which it was signed too.

        Raises:
            SenderError: the invitation is none, is over, or was used by another.
            StoreError: nothing was written.
        """
        now = int(self._register.clock())
        with self._database.writing() as connection:
            row = connection.execute(select(INVITATIONS).where(INVITATIONS.c.key == invitation)).one_or_none()
            venue = venue_of(connection, row.venue) if row else None
            if row is None or venue is None:
                raise SenderError("this invitation is not of this hub; ask for another one")
            if row.used_by is None:
                _refuse_over(row, now)
                self._use(connection, row, key, now)
            elif row.used_by != key.name:
                raise SenderError("this invitation was used already; if not by this site, tell the hub's operator now")
            return _answer(connection, venue, key)

    def _use(self, connection: Connection, row: Row[Any], key: PublicKey, now: int) -> None:
        used = INVITATIONS.update().where(INVITATIONS.c.key == row.key, INVITATIONS.c.used_by.is_(None))
        if connection.execute(used.values(used_by=key.name)).rowcount != 1:
            raise SenderError("this invitation was used already; if not by this site, tell the hub's operator now")
        if connection.execute(select(KEYS.c.key).where(KEYS.c.key == key.name)).first() is not None:
            raise SenderError("this key joined before; make another one, by joining again")
        earlier = _revoke(connection, row.venue, now)
        _insert(connection, key, row.venue, now, None)
        detail = f"key {key.name[:16]}" + (f"; {earlier} earlier ended" if earlier else "")
        self._register.log.enter(connection, SITE, Action.JOINED, detail, row.venue)

    def change(self, old: str, key: PublicKey) -> JoinAnswer:
        """A site changes its key. The same again, since the answer was lost, is answered alike.

        Args:
            old: name of its key until now, with which the request was signed.
            key: the new one, with which it was signed too.

        Raises:
            SenderError: the key was revoked or is over, or was changed to another one before: one of two has been
                copied from this site.
            StoreError: nothing was written.
        """
        now = int(self._register.clock())
        with self._database.writing() as connection:
            row = connection.execute(select(KEYS).where(KEYS.c.key == old).with_for_update()).one_or_none()
            venue = venue_of(connection, row.venue) if row else None
            if row is None or venue is None or row.revoked_unix_s is not None:
                raise SenderError("the key of this site was revoked")
            if old == key.name:  # it was taken before, and the answer was lost
                return _answer(connection, venue, key)
            next_keys = set(connection.execute(select(KEYS.c.key).where(KEYS.c.follows == old)).scalars())
            if not next_keys:
                if now >= row.until_unix_s:  # else a disk that was thrown away years ago could make itself a new key
                    raise SenderError("the key of this site is over; join again, with a new invitation")
                self._follow(connection, row, key, now)
            elif next_keys != {key.name}:
                raise SenderError("this key was changed to another one before; tell the hub's operator, and join anew")
            return _answer(connection, venue, key)

    def _follow(self, connection: Connection, row: Row[Any], key: PublicKey, now: int) -> None:
        if connection.execute(select(KEYS.c.key).where(KEYS.c.key == key.name)).first() is not None:
            raise SenderError("this key is known already; make another one")
        _insert(connection, key, row.venue, now, row.key)
        until = min(row.until_unix_s, now + OVERLAP_S)
        connection.execute(KEYS.update().where(KEYS.c.key == row.key).values(until_unix_s=until))
        detail = f"key {key.name[:16]} follows {row.key[:16]}"
        self._register.log.enter(connection, SITE, Action.KEY_CHANGED, detail, row.venue)

    def revoke(self, slug: str, by: str) -> int:
        """Shuts out the site of a venue, at once, and ends invitations; gives how many keys that were.

        Of a venue that was merged it is its own site that is shut out, not that of the other.

        Raises:
            ConfigError: there is no such venue.
            StoreError: nothing was written.
        """
        self._register.known(slug)
        with self._database.writing() as connection:
            number = connection.execute(select(VENUES.c.number).where(VENUES.c.slug == slug)).scalar_one()
            _withdraw(connection, number)
            ended = _revoke(connection, number, int(self._register.clock()))
            self._register.log.enter(connection, by, Action.REVOKED, f"{slug}, {ended} keys", number)
        return ended

    def sender(self, key: str) -> Sender:
        """Whose key it is.

        Raises:
            SenderError: nobody's, or it is not taken any more.
            StoreError: the register cannot be read.
        """
        now = self._register.clock()
        with self._database.reading() as connection:
            row = connection.execute(select(KEYS).where(KEYS.c.key == key)).one_or_none()
            venue = venue_of(connection, row.venue) if row else None
            shown_as = _shown_as(connection, row.venue, venue, int(now)) if row and venue else None
        if row is None or venue is None:
            raise SenderError("this hub does not know the key of this site; join again, with a new invitation")
        if row.revoked_unix_s is not None:
            raise SenderError("the key of this site was revoked; join again, with a new invitation")
        if now >= row.until_unix_s:
            raise SenderError("the key of this site is over; join again, with a new invitation")
        return Sender(int(row.venue), venue.zone, shown_as)

    def knows(self, key: str) -> bool:
        """Whether a key is worth reading a request for: it stands here, as a site's or an invitation's.

        Raises:
            StoreError: the register cannot be read.
        """
        asked = (select(KEYS.c.key).where(KEYS.c.key == key), select(INVITATIONS.c.key).where(INVITATIONS.c.key == key))
        with self._database.reading() as connection:
            return any(connection.execute(one).first() is not None for one in asked)


def _shown_as(connection: Connection, enrolled: int, venue: Venue, now: int) -> int | None:
    """The venue that a merged one's site is shown as: the other, unless that has a site of its own."""
    if enrolled == venue.number:
        return None
    good = and_(KEYS.c.venue == venue.number, KEYS.c.revoked_unix_s.is_(None), KEYS.c.until_unix_s > now)
    return None if connection.execute(select(KEYS.c.key).where(good)).first() else venue.number


def _refuse_over(row: Row[Any], now: int) -> None:
    if row.withdrawn:
        raise SenderError("this invitation was withdrawn; ask for another one")
    if now >= row.until_unix_s:
        raise SenderError("this invitation is over; ask for another one")


def _withdraw(connection: Connection, venue: int) -> None:
    unused = and_(INVITATIONS.c.venue == venue, INVITATIONS.c.used_by.is_(None))
    connection.execute(INVITATIONS.update().where(unused).values(withdrawn=1))


def _revoke(connection: Connection, venue: int, now: int) -> int:
    """Ends all keys of a venue, and gives how many were good; those that are over are marked too, for good."""
    unrevoked = and_(KEYS.c.venue == venue, KEYS.c.revoked_unix_s.is_(None))
    ended = connection.execute(
        KEYS.update().where(unrevoked, KEYS.c.until_unix_s > now).values(revoked_unix_s=now)
    ).rowcount
    connection.execute(KEYS.update().where(unrevoked).values(revoked_unix_s=now))
    return ended


def _insert(connection: Connection, key: PublicKey, venue: int, now: int, follows: str | None) -> None:
    connection.execute(
        KEYS.insert().values(key=key.name, venue=venue, from_unix_s=now, until_unix_s=now + KEY_LIFE_S, follows=follows)
    )


def _answer(connection: Connection, venue: Venue, key: PublicKey) -> JoinAnswer:
    row = connection.execute(select(KEYS).where(KEYS.c.key == key.name)).one()
    if row.revoked_unix_s is not None:
        raise SenderError("the key of this site was revoked; join again, with a new invitation")
    return JoinAnswer(venue.slug, venue.name, venue.zone, row.from_unix_s, row.until_unix_s)
