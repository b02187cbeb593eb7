"""Forms: small tables an officer fills in by hand, each declared as data (`<code>.toml`).

A form is its columns with German and English headers, the words its cells may hold, what holds for every row,
its example rows and the name of one rule that makes a row of the form a row of the upload.
"""
