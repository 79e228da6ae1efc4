"""Every outcome in words, for the documentation and for people who read a report.  The words are Markdown."""

from __future__ import annotations

from schemas.outcome import OutcomeKind

MEANINGS = {
    OutcomeKind.WRITTEN: "its article is in `articles/`",
    OutcomeKind.PARSED: "a feed that was read; its entries went on",
    OutcomeKind.UNCHANGED: "as the last run has it",
    OutcomeKind.DUPLICATE: "another URL of the same run led to the same article",
    OutcomeKind.NOT_MODIFIED: "the server said so (304), or the archive has a revisit record",
    OutcomeKind.NOT_DUE: "a feed, or a page that failed before: left alone until its time comes",
    OutcomeKind.FILTERED: "left out by an option",
    OutcomeKind.REDIRECTED: "an archived redirect: the story is elsewhere",
    OutcomeKind.DISALLOWED: "robots.txt disallows it",
    OutcomeKind.HTTP_ERROR: "the server answered with an error; `status` has it",
    OutcomeKind.TIMEOUT: "it took longer than `--fetch_timeout` or `--page_timeout`",
    OutcomeKind.UNREACHABLE: "no connection, or one that broke",
    OutcomeKind.BLOCKED_ADDRESS: "it leads to an address that is not public",
    OutcomeKind.TOO_LARGE: "more bytes or tags than the limits allow",
    OutcomeKind.NOT_HTML: "a document of another kind: PDF, picture, feed",
    OutcomeKind.NOT_A_FEED: "listed as a feed, and none",
    OutcomeKind.MALFORMED: "cannot be read: a broken archive, line, feed or URL",
    OutcomeKind.NO_TEXT: "a page without running text",
    OutcomeKind.PAYWALL_STUB: "a teaser and a call to subscribe",
    OutcomeKind.BOT_WALL: "a check for robots in place of the page",
    OutcomeKind.CONSENT_PAGE: "a question about cookies in place of the page",
    OutcomeKind.LOGIN_WALL: "a form to log in, in place of the page",
    OutcomeKind.SOFT_404: "a 200 that says that there is no such page",
    OutcomeKind.HOME_PAGE: "the front page, or another list of stories, in place of the article",
    OutcomeKind.NEEDS_JAVASCRIPT: "an empty page that scripts fill in a browser",
    OutcomeKind.CRASHED: "a library failed or its process died; `traceback` has more",
    OutcomeKind.INVALID_RECORD: "the article does not fit the schema",
}
