package riverhead.tap;

import java.lang.reflect.Field;
import java.lang.reflect.Method;

/** Members by name: of classes that moved between releases of Spark, or that come with a connector and not with Spark. */
public class Reflected {
  /** What this method without arguments returns. */
  static Object ask(Object target, String method) throws Exception {
    Method found = target.getClass().getMethod(method, new Class[0]);
    found.setAccessible(true);
    return found.invoke(target, new Object[0]);
  }

  /** What this method without arguments returns; null where there is none or it fails. */
  static Object call(Object target, String method) {
    try {
      return ask(target, method);
    } catch (Throwable missing) {
      return null;
    }
  }

  /** What this field holds; null where there is none. */
  static Object field(Object target, String name) {
    for (Class type = target.getClass(); type != null; type = type.getSuperclass()) {
      try {
        Field found = type.getDeclaredField(name);
        found.setAccessible(true);
        return found.get(target);
      } catch (Throwable missing) {
        continue;
      }
    }
    return null;
  }
}
