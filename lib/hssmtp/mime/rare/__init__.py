"""For few mails: structured header fields, ids, dates, content types, attached messages.

These files have their own folder: each file in a folder slows down imports from it on a board.
"""
