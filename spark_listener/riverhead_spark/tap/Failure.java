package riverhead.tap;

/** What went wrong, as Spark says it: bounded, and without anything that has to be asked of another process. */
public class Failure {
  static final int MOST_CAUSES = 5;
  static final int MOST_FRAMES = 20;

  static void write(Json text, Throwable failure) {
    text.append("{\"class\":").string(failure.getClass().getName(), 500);
    text.append(",\"message\":").text(failure.getMessage(), 8000);
    Throwable named = named(failure);
    if (named != null) {
      text.append(",\"condition\":").string(said(named, "getErrorClass"), 200);
      text.append(",\"sql_state\":").string(said(named, "getSqlState"), 20);
      text.append(",\"fragment\":").text(fragment(named), 1000);
    }
    text.append(",\"stack\":").text(stack(failure), 12000).append("}");
  }

  static String stack(Throwable failure) {
    StringBuilder stack = new StringBuilder();
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++, cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      stack.append(depth > 0 ? "Caused by: " : "").append(cause.getClass().getName()).append(": ");
      stack.append(Json.beginning(message, 1000)).append('\n');
      StackTraceElement[] frames = cause.getStackTrace();
      for (int i = 0; i < frames.length && i < MOST_FRAMES; i++) stack.append("\tat ").append(frames[i]).append('\n');
    }
    return stack.toString();
  }

  // The error that says what it is: a failed job's says it in its cause.
  static Throwable named(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++, cause = cause.getCause()) {
      if (said(cause, "getErrorClass") != null) return cause;
    }
    return null;
  }

  // Spark 3.5 to 4.3 have these methods on an interface that moved between modules.
  static String said(Throwable failure, String method) {
    return text(Reflected.call(failure, method));
  }

  static String fragment(Throwable failure) {
    Object contexts = Reflected.call(failure, "getQueryContext");
    boolean isSaid = contexts instanceof Object[] && ((Object[]) contexts).length > 0;
    return isSaid ? text(Reflected.call(((Object[]) contexts)[0], "fragment")) : null;
  }

  // An error of somebody else's may have a method of the same name that answers with anything.
  static String text(Object answer) {
    return answer instanceof String ? (String) answer : null;
  }
}
