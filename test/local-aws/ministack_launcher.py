"""Starts ministack for as long as its parent lives, with one look-up of its Cognito made fast; what it answers is the same.

ministack finds a user by alias by turning the attributes of every user of the pool into a dictionary, twice. That makes
filling a pool quadratic (2,000 users: 25 s), and fails when another thread adds a user meanwhile.
"""

import os
import signal
import threading
import time

from ministack.app import main
from ministack.services import cognito

_resolve_user = cognito._resolve_user
_indexes = {}


def _users_with_value(pool, value):
    """Users with an attribute of that value, and perhaps some who had it; ministack's own code looks closer."""
    seen, names_by_value = _indexes.setdefault(pool["Id"], ({}, {}))
    users = pool["_users"]
    # The copy is one step for other threads.
    for name, user in list(users.items()):
        attributes = user.get("Attributes", [])
        # A change of attributes is always a new list.
        if seen.get(name) is not attributes:
            for attribute in attributes:
                names_by_value.setdefault(attribute.get("Value"), {})[name] = None
            seen[name] = attributes
    return {name: users[name] for name in list(names_by_value.get(value, ())) if name in users}


def _resolve_user_fast(pool, username):
    if username is None or username in pool["_users"]:
        return _resolve_user(pool, username)
    return _resolve_user({**pool, "_users": _users_with_value(pool, username)}, username)


cognito._resolve_user = _resolve_user_fast

def _end_with(parent):
    """Whoever started us may be killed without a chance to stop us, and the functions that we run."""
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    main()
