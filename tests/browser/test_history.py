"""The page of other days: chosen by address, by list and by keyboard, and the same figures as a spreadsheet."""

import csv
import io
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Museum, Visit
from tests.browser.test_page import DARK, PHONE, go

PATH = "/history?period=day&date=2025-10-09&measure=crossings_in"
YESTERDAY = "/history?period=day&date=2025-10-08"


def course(visit: Visit) -> Locator:
    return visit.page.locator('[data-history="course"]')


def test_a_day_is_shown_by_the_hour_and_what_was_not_seen_is_not_zero(visit: Visit) -> None:
    expect(course(visit)).to_contain_text("Visitors in, all doors")
    expect(
        course(visit).get_by_role("img", name="Visitors in, all doors, Thursday 9 October 2025; most")
    ).to_be_visible()
    course(visit).get_by_text("Show as a table").click()
    rows = [row.split("\t") for row in course(visit).locator("tbody tr").all_inner_texts()]
    assert [row[0] for row in rows][:3] == ["00:00", "01:00", "02:00"]
    assert len(rows) == 12, "hours that have not begun are not told of"
    assert rows[3][1] == "0" and rows[3][2] == "seen all the time"
    assert {row[3] for row in rows} == {"not seen"}, "nothing was counted a week before"
    expect(course(visit)).to_contain_text("Nothing to compare on Thursday 2 October 2025 until 12:00: not seen then.")


def test_a_day_without_tallies_was_not_seen(visit: Visit, museum: Museum) -> None:
    go(visit, museum, YESTERDAY)
    expect(course(visit).locator(".pb-number")).to_have_text("not seen")
    expect(course(visit).locator(".pb-chart svg")).to_contain_text("Not seen")


def test_the_spreadsheet_has_exactly_what_is_shown(visit: Visit) -> None:
    course(visit).get_by_text("Show as a table").click()
    shown = [row.split("\t")[1] for row in course(visit).locator("tbody tr").all_inner_texts()]
    link = course(visit).get_by_role("link", name="spreadsheet").get_attribute("href")
    answer = visit.page.request.get(urljoin(visit.page.url, link or ""))
    rows = list(csv.DictReader(io.StringIO(answer.text())))
    assert [f"{float(row['value']):.0f}" if row["value"] else "not seen" for row in rows] == [
        one.replace("\u202f", "") for one in shown
    ]
    assert answer.headers["content-disposition"].endswith('"history-day-2025-10-09-course.csv"')


def test_what_is_chosen_stands_in_the_address_and_comes_back_with_it(visit: Visit) -> None:
    visit.page.get_by_role("combobox", name="Place").select_option("Hall (camera entrance)")
    expect(course(visit)).to_contain_text("People on average, Hall (camera entrance)")
    visit.page.get_by_role("combobox", name="Measure").select_option("Most people at once")
    expect(course(visit)).to_contain_text("Most people at once, Hall (camera entrance)")
    visit.page.wait_for_url("**camera=entrance&subject=Hall&measure=peak")
    visit.page.reload()
    expect(course(visit)).to_contain_text("Most people at once, Hall (camera entrance)")
    expect(visit.page.get_by_role("combobox", name="Measure")).to_have_value("Most people at once")


def test_periods_and_days_are_links_and_the_date_can_be_typed(visit: Visit) -> None:
    page = visit.page
    page.get_by_role("link", name="Week").click()
    expect(page.locator(".pb-steps strong")).to_have_text("6 \u2013 12 October 2025")
    expect(page.locator(".pb-spans [aria-current]")).to_have_text("Week")
    page.get_by_role("link", name="Earlier: 29 September \u2013 5 October 2025").click()
    expect(page.locator(".pb-steps strong")).to_have_text("29 September \u2013 5 October 2025")
    page.get_by_role("link", name="Later").click()
    expect(page.locator(".pb-steps strong")).to_have_text("6 \u2013 12 October 2025")
    page.get_by_role("link", name="Month").click()
    expect(page.locator(".pb-steps strong")).to_have_text("October 2025")
    expect(page.get_by_role("link", name="Later")).to_have_count(0)
    page.get_by_label("Go to").fill("2025-03-15")
    expect(page.locator(".pb-steps strong")).to_have_text("March 2025")
    page.go_back()
    expect(page.locator(".pb-steps strong")).to_have_text("6 \u2013 12 October 2025")


def test_the_keyboard_alone_chooses(visit: Visit) -> None:
    choice = visit.page.get_by_role("combobox", name="Measure")
    choice.focus()
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    expect(course(visit)).to_contain_text("Visitors out, all doors")
    expect(choice).to_be_focused()


def test_a_wrong_address_is_answered_in_words(visit: Visit, museum: Museum) -> None:
    go(visit, museum, "/history?camera=entrance&subject=Gone")
    expect(visit.page.locator(".pb-alarm", has_text="No such place")).to_be_visible()
    go(visit, museum, "/history?period=year")
    expect(visit.page.locator(".pb-alarm", has_text="asks for a period that is none")).to_be_visible()
    expect(course(visit)).to_contain_text("Visitors in, all doors")


@pytest.mark.parametrize("visit", [PHONE, {**PHONE, **DARK}], indirect=True)
def test_it_fits_a_phone_with_its_tables_open(visit: Visit) -> None:
    charts = visit.page.locator(".nicegui-echart").all()
    assert len(charts) == 2
    for chart in charts:
        box = chart.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert chart.get_attribute("aria-label")
    for summary in visit.page.get_by_text("Show as a table").all():
        summary.click()
    assert visit.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_hours_of_the_week_are_a_map_with_a_table(visit: Visit) -> None:
    week = visit.page.locator('[data-history="weekdays"]')
    expect(week.get_by_role("img", name="by weekday and hour; most Thu")).to_be_visible()
    week.get_by_text("Show as a table").click()
    rows = [row.split("\t") for row in week.locator("tbody tr").all_inner_texts()]
    assert len(rows) == 24
    assert all(row[1] == "\u2013" for row in rows), "no Monday was seen"
    assert float(rows[8][4].replace("\u202f", "")) > 0
