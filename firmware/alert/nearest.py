"""Find the known word that a misspelled one probably stands for. Loaded only for this."""

TEMPORARY = True  # freed after the call that needed it

_LONGEST = 40  # longer words are not compared


def suggestion(word: str, known) -> str:
    """Return ': did you mean "digital"?' for the nearest known word; "" if there is none."""
    found = nearest(word, known)
    return ': did you mean "%s"?' % found if found else ""


def nearest(word: str, known) -> "str | None":
    """Return the known word that is most similar to `word`, ignoring case; None if none is."""
    best = None
    least = min(3, 1 + len(word) // 4) + 1 if len(word) <= _LONGEST else 0
    for one in known:
        steps = _distance(word.lower(), one.lower()) if least else 0
        if steps < least:
            best = one
            least = steps
    return best


def _distance(a, b):
    """Return how many letters differ (edits and swaps); 1 if one word begins with the other."""
    if min(len(a), len(b)) > 2 and (a.startswith(b) or b.startswith(a)):
        return min(1, abs(len(a) - len(b)))
    before = []
    row = list(range(len(b) + 1))
    for i in range(1, len(a) + 1):
        above = row
        row = [i]
        for j in range(1, len(b) + 1):
            differs = a[i - 1] != b[j - 1]
            steps = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + differs)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                steps = min(steps, before[j - 2] + 1)
            row.append(steps)
        before = above
    return row[-1]
