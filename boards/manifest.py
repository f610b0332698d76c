"""hssmtp as a part of a firmware; with alert=True the alert application too.

The library's files are those of package.json, which `make package` keeps.
"""

import json

options.defaults(alert=False)

with open("../package.json") as file:
    names = [target.split("/", 1)[1] for target, _ in json.load(file)["urls"]]
package("hssmtp", files=names, base_path="../lib")
if options.alert:
    package("alert", base_path="../firmware")
