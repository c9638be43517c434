"""The web: fetching pages and searching, from the addresses and hosts that the settings allow.

    settings.py   what may be fetched, and how much of it
    hosts.py      names of hosts: their one spelling, and patterns of the lists
    addresses.py  which addresses are the public internet
    urls.py       a URL, checked: the only maker of a `Target`
    resolve.py    names to addresses, with a time limit, injectable
    transport.py  a connection to exactly the address that was checked, for httpx2
    bodies.py     reading an answer within its limits
    robots.py     robots.txt (RFC 9309)
    fetch.py      one request after the other, redirects checked like the first
    contents.py   bytes to text: HTML, PDF, text, JSON
    search.py     a search engine (SearXNG's JSON)
    tools.py      the tools, with their labels

The one rule: no code but `transport.py` opens a connection, and it connects only to addresses that `resolve.py`
chose for a `Target`. There are no proxies, cookies, credentials or settings of the environment.
"""
