"""What few mails need: structured header fields, ids and dates, content types, attached messages.

A folder of its own: each file in a folder makes importing its neighbours slower on a board.
"""
