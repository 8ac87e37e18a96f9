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

  public String toString() {
    return out.toString();
  }
}
