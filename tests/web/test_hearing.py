"""What a screen reader is told: each message once, that choices follow, and that an answer is on its way."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.web.conftest import choose, ready, say

LISTEN = """() => {
  const root = document.querySelector('handrail-chat').shadowRoot;
  window.heard = []; window.changed = [];
  new MutationObserver((changes) => { for (const change of changes) {
    for (const node of change.addedNodes) window.heard.push(node.textContent);
    if (change.type === 'characterData') window.changed.push(change.target.textContent);
  } }).observe(root.querySelector('[role=log]'), {childList: true, subtree: true, characterData: true});
  window.statuses = [];
  new MutationObserver(() => window.statuses.push(root.querySelector('[role=status]').textContent.trim()))
    .observe(root.querySelector('[role=status]'), {childList: true, subtree: true, characterData: true});
}"""


def test_each_message_is_announced_once_and_nothing_is_read_again(page: Page) -> None:
    page.evaluate(LISTEN)
    say(page, "my knee hurts after a restraint")
    choose(page, "Who will know?")
    say(page, "i want to die")
    page.wait_for_timeout(200)
    heard = page.evaluate("window.heard")
    assert len(heard) == 6 and page.evaluate("window.changed") == []
    assert heard[0] == "You said: my knee hurts after a restraint"
    assert "Physiotherapy." in heard[1] and heard[1].endswith("choices follow the answer.")
    assert heard[2] == "You said: Who will know?"
    assert "You do not have to carry it alone" in heard[5] and "Samaritans: 116 123." in heard[5]
    assert "Finding what fits…" in page.evaluate("window.statuses") and page.evaluate("window.statuses")[-1] == ""


def test_old_announcements_go_and_the_live_region_stays_small(page: Page) -> None:
    for _ in range(6):
        choose(page, "See everything")
        choose(page, "Help me choose")
    log = page.get_by_role("log")
    assert log.count() == 1 and log.locator("p").count() <= 8


def test_the_accessibility_tree_names_everything(page: Page) -> None:
    say(page, "i want to die")
    tree = page.locator("body").aria_snapshot()
    for line in (
        'heading "Wellbeing support" [level=2]',
        'button "Get help now"',
        'button "Exit this page"',
        'region "Conversation"',
        'group "Answer"',
        'group "Choices"',
        'heading "Samaritans Open now" [level=3]',
        'link "Call 116 123"',
        'button "Copy 116 123"',
        'textbox "Your message"',
        'log "New messages"',
        'button "Erase everything now"',
    ):
        assert line in tree, f"{line}\n{tree}"
    assert "You said: i want to die" in tree


def test_a_failure_is_an_alert_and_is_tied_to_the_box(page: Page) -> None:
    page.route("**/chat/**", lambda route: route.abort())
    page.get_by_label("Your message").fill("need a physio")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    tree = page.locator("body").aria_snapshot()
    assert "alert: The assistant cannot be reached." in tree
    assert page.get_by_label("Your message").get_attribute("aria-describedby") == "error hint"


def test_after_starting_again_the_greeting_is_announced_and_the_box_has_the_focus(page: Page) -> None:
    say(page, "need a physio")
    page.get_by_role("button", name="Erase everything now").click()
    assert "Everything is erased" in page.get_by_role("alert").inner_text()
    page.get_by_role("button", name="Start a new conversation").click()
    ready(page)
    page.get_by_role("log").locator("p", has_text="Hello.").wait_for(state="attached")
    page.wait_for_function("document.activeElement?.shadowRoot?.activeElement?.id === 'message'")
