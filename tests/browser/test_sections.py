"""Places, masks, stays, queues and heat, as someone who runs a venue sees them."""

import pytest
from playwright.sync_api import Locator, expect

from passerby.core.tallies import Measure, Tally
from passerby.site.corrections import Correction, Corrections
from tests.browser.conftest import NOON, Museum, Visit
from tests.browser.test_page import DARK, DASH, PHONE
from tests.support import venue_day

PATH = "/places"
THIN = "\u202f"


def inside(visit: Visit, place: str) -> Locator:
    return visit.page.locator(f'[data-inside="{place}"]')


def titles(visit: Visit) -> list[str]:
    return visit.page.locator("h2").all_inner_texts()


def test_sections_stand_in_the_order_of_use(visit: Visit) -> None:
    assert [title.lower() for title in titles(visit)] == [
        "inside", "doors and lines", "masks", "zones", "queues", "where people are",
    ]  # fmt: skip


def test_a_place_says_how_many_are_inside_and_how_sure_that_is(visit: Visit) -> None:
    card = inside(visit, "Museum")
    expect(card.locator(".in dd")).to_have_text("64(50 to 79)")
    expect(card).to_contain_text("95 times in 100 the true number is between these two.")
    expect(card).to_contain_text("In since 06:00")
    expect(card).to_contain_text("80 allowed: room for 15 more")
    expect(card.get_by_role("meter", name="People inside Museum")).to_have_attribute("aria-valuenow", "64")
    expect(card).to_contain_text("people more than the zones.")
    expect(card).to_contain_text("by hand at 11:13: recount by the guard")
    expect(card.get_by_role("img", name="People inside Museum today; most at")).to_be_visible()


def test_who_corrected_stays_in_the_log(visit: Visit) -> None:
    assert venue_day.recount(NOON).account not in visit.page.locator("main").inner_text().split()


def test_over_the_limit_is_said_in_words(visit: Visit) -> None:
    card = inside(visit, "Garden")
    expect(card.locator(".pill.bad")).to_have_text("\u25b2 Over the limit: 21 inside, 20 allowed")
    alarm = visit.page.get_by_role("status").filter(has_text="Garden: over the limit: 21 inside, 20 allowed.")
    expect(alarm).to_be_visible()


def test_a_correction_shows_without_a_reload(visit: Visit, museum: Museum) -> None:
    card = inside(visit, "Garden")
    log = Corrections(museum.store.file)
    log.add(Correction("Garden", int(museum.now), 7, "gate was left open", "desk"))
    expect(card.locator(".in dd")).to_have_text("7")
    expect(card).to_contain_text("Set to 7 by hand")
    expect(card).to_contain_text("gate was left open")
    expect(card.locator(".pill.bad")).to_have_count(0)
    log.add(Correction("Garden", int(museum.now), 30, "", "desk"))
    expect(card.locator(".pill.bad")).to_contain_text("30 inside")


def test_the_masked_share_has_its_interval_and_what_could_not_be_told(visit: Visit) -> None:
    card = visit.page.locator('[data-masks="entrance/Main door"]')
    expect(card.locator(".in dd")).to_have_text(f"82{THIN}%(79 to 85{THIN}%)")
    expect(card).to_contain_text(f"Of 863 judged; of 11{THIN}% of those who passed it could not be told.")
    expect(card).to_contain_text("24 people wore it under the nose or the chin; that counts as without.")
    expect(card).to_contain_text("Corrected for the judge's known errors: 86")
    expect(card).to_contain_text(f"Why this is asked: {venue_day.PURPOSE}")
    expect(visit.page.get_by_text("No face is recognised and none is kept")).to_be_visible()
    door = visit.page.locator('[data-place="entrance/Main door"]')
    expect(door).to_contain_text(f"Masks: 82{THIN}% (79 to 85{THIN}%) of 863 judged")


def test_no_share_is_told_of_too_few(visit: Visit) -> None:
    card = visit.page.locator('[data-masks="entrance/Side door"]')
    expect(card).to_contain_text("Too few people to say (10 of 20)")
    expect(card.locator(".in dd")).to_be_hidden()
    expect(card).not_to_contain_text("Corrected")
    card.get_by_text("Show as a table").click()
    shares = [row.split("\t")[1] for row in card.locator("tbody tr").all_inner_texts()]
    assert set(shares) == {"too few people to say", "nobody, or not seen"}
    door = visit.page.locator('[data-place="entrance/Side door"]')
    expect(door).to_contain_text("Masks: too few people to say (10 of 20)")


def test_a_zone_says_how_long_people_stay(visit: Visit) -> None:
    card = visit.page.locator('[data-place="entrance/Hall"]')
    expect(card).to_contain_text(f"Now (last 15 minutes, 11:45{DASH}12:00)")
    expect(card.locator(".pb-list").first).to_contain_text("Person-minutes")
    expect(card).to_contain_text("Over its limit of 68 for")
    expect(card).to_contain_text(f"Half stayup to 2{THIN}min 50{THIN}s")
    expect(card).to_contain_text(f"of 17{THIN}% sight was lost before they ended")
    chart = card.get_by_role("img", name="Hall, lengths of stay today: half stay up to")
    expect(chart).to_be_visible()
    expect(chart).to_contain_text("1 h or more")
    card.get_by_text("Show as a table").nth(1).click()
    expect(card.locator("tbody").nth(1).locator("tr")).to_have_count(13)


def test_a_queue_says_how_long_people_wait_and_who_gave_up(visit: Visit) -> None:
    card = visit.page.locator('[data-place="shop/Till"]')
    expect(card).to_contain_text("Mean length")
    expect(card).to_contain_text(f"Half waitup to 2{THIN}min")
    expect(card).to_contain_text(f"162 people served today; 22 gave up (12{THIN}%).")
    expect(card).to_contain_text("Take care: by the waiting times the mean wait is 2")
    expect(card.locator(".pb-more svg")).to_contain_text("Gave up")


def test_the_heat_map_is_chosen_by_camera_and_hour(visit: Visit) -> None:
    card = visit.page.locator("[data-heat]")
    chart = card.locator(".pb-heat .pb-drawn")
    where = "camera entrance, today so far; most at the middle centre, with 63 person-minutes in one cell"
    expect(chart).to_have_attribute("aria-label", f"Where people were, {where}")
    expect(card).to_contain_text("Empty: fewer than 5 people in an hour, or nobody")
    expect(chart).to_contain_text("Main door")
    box = chart.bounding_box()
    assert box and box["width"] / box["height"] == pytest.approx(16 / 9, rel=0.02)
    card.get_by_role("combobox", name="When").select_option(f"10:00{DASH}11:00")
    expect(card.get_by_role("img", name=f"camera entrance, 10:00{DASH}11:00; most")).to_be_visible()
    card.get_by_role("combobox", name="Camera").select_option("shop")
    expect(card.get_by_role("img", name=f"camera shop, 10:00{DASH}11:00; most")).to_be_visible()
    card.get_by_text("Show as a table").click()
    expect(card.locator("tbody tr")).to_have_count(18)


def test_the_heat_map_is_chosen_by_the_keyboard(visit: Visit) -> None:
    card = visit.page.locator("[data-heat]")
    card.get_by_role("combobox", name="Camera").focus()
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    expect(card.get_by_role("img", name="camera shop, today so far")).to_be_visible()


def test_new_masks_show_without_a_reload(visit: Visit, museum: Museum) -> None:
    judged = visit.page.locator('[data-masks="site"] .pb-judged')
    before = judged.inner_text()
    window = int(NOON) // 900 * 900
    museum.store.add(list(venue_day.masks("Main door", window, 40)))
    expect(judged).not_to_have_text(before)
    museum.store.add([Tally("entrance", one, "Main door", window, 900, 0, 0) for one in MASKS])
    expect(judged).to_have_text(before)


MASKS = (Measure.MASKED, Measure.WORN_WRONGLY, Measure.CANNOT_TELL)


@pytest.mark.parametrize("visit", [PHONE, {**PHONE, **DARK}], indirect=True)
def test_every_chart_fits_a_phone_and_has_a_table(visit: Visit) -> None:
    charts = visit.page.locator(".nicegui-echart").all()
    assert len(charts) == visit.page.get_by_text("Show as a table").count() == 13
    for chart in charts:
        box = chart.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert chart.get_attribute("aria-label")
    for summary in visit.page.get_by_text("Show as a table").all():
        summary.click()
    assert visit.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
