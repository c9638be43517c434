"""HTML to what a page shows: title, text, links, sections.

    tags.py      a linear pass over the text, before the parser: bare tags, and what each says that matters
    css.py       style sheets and style attributes: the few properties that hide text
    colours.py   colours, and how much two of them differ
    cascade.py   which rules hold for an element
    hiding.py    from properties to: is this shown?
    reading.py   the walk over the tree

The one rule: what runs or styles is not text, what the page hides is left out and counted, and what is left keeps the
order of the page. This is hygiene: nothing relies on it. What still gets through is listed in docs/web.md.
"""

from ringfence.connectors.markup.reading import Markup, PageLink, PageSection, read_html, text_of

__all__ = ["Markup", "PageLink", "PageSection", "read_html", "text_of"]
