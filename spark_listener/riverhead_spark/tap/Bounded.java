package riverhead.tap;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that holds so many entries at most: the oldest one goes. */
public class Bounded extends LinkedHashMap {
  final int most;

  Bounded(int most) {
    this.most = most;
  }

  /** Puts an entry that is the newest, even where its key was there before. */
  void renew(Object key, Object value) {
    remove(key);
    put(key, value);
  }

  protected boolean removeEldestEntry(Map.Entry eldest) {
    return size() > most;
  }
}
