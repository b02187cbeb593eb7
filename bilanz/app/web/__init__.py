"""The web application: pages for people and an API for programs, over the same functions as the command line.

    request ─► middleware (headers, limits) ─► guard: who asks, may they do this to that object?
            ─► page or API route ─► bilanz.app.… (no HTTP there) ─► template or JSON
                                 └► job in the queue ─► a thread of the server ─► followed by the page

Every route has a `Guard` or is declared public (`guard.public`); a test holds all of them against a matrix.
"""
