"""What the bin's owner does before anything else."""

from playwright.sync_api import Page, expect

from tests.page.password import NAME, PASSWORD


def visit_first(page: Page, address: str) -> None:
    """Come with the code of the first visit, which the address brings along, and choose a password."""
    page.goto(address)
    page.get_by_label("Your name").fill(NAME)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("link", name=NAME)).to_be_visible()
