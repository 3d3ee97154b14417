"""The links of a document as its format gives them: Markdown, HTML, bookmarks, feeds, outlines."""
