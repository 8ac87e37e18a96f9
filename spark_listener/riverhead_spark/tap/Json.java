package riverhead.tap;

/** JSON as it is written. */
public class Json {
  public final StringBuilder out = new StringBuilder(4096);

  public Json append(String raw) {
    out.append(raw);
    return this;
  }

  public Json append(long number) {
    out.append(number);
    return this;
  }

  /** Appends; true, because something was written. */
  public boolean raw(String raw) {
    out.append(raw);
    return true;
  }

  /** Begins a field of an object that may have some already. */
  public Json field(String name) {
    if (out.charAt(out.length() - 1) != '{') out.append(',');
    return string(name, 200).append(":");
  }

  public Json string(String value, int most) {
    if (value == null) return append("null");
    out.append('"');
    int length = Math.min(value.length(), most);
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < 32) out.append("\\u00").append(c < 16 ? "0" : "").append(Integer.toHexString(c));
      else out.append(c);
    }
    out.append('"');
    return this;
  }

  /** A text of a user's: cut between two words, because half a secret looks like none. */
  public Json text(String value, int most) {
    return string(value == null ? null : beginning(value, most), most);
  }

  static String beginning(String value, int most) {
    if (value.length() <= most) return value;
    int end = most;
    while (end > 0 && !Character.isWhitespace(value.charAt(end))) end--;
    return value.substring(0, end);
  }

  public String toString() {
    return out.toString();
  }
}
