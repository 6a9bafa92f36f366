// Small things that this browser remembers.

/** A value kept in this browser; null where none is, or nothing may be kept. */
export function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Private windows may refuse; it is then forgotten at the end.
  }
}
