"""The lines that clients write: numbered, of all kinds."""

KINDS = (
    "n=%d plain words and a number",
    'n=%d {"key": "a \\"quoted\\" value", "back": "\\\\slash", "list": [1, 2]}',
    "n=%d Küche, 日本 and \U0001f600",
    "n=%d level=error msg=\"it failed\" took=12ms <tag attr='x'> & 100%% | $HOME ${x} `y`",
    "n=%d " + "long " * 200 + "end",
)


def line(number):
    """The line of a number."""
    return KINDS[number % len(KINDS)] % number


def plain(number):
    """A line that stands in JSON as it is: for clients whose templates escape nothing."""
    return "n=%d level=info words that need no escape" % number
