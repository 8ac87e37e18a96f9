package riverhead.scoring;

import java.lang.reflect.Method;
import org.apache.spark.SparkFirehoseListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionEnd;

/**
 * Stands behind the tap on the same queue of the bus, and lets an end pass only once Python has dealt with it.
 *
 * So a bus that is empty has all of its events in the file, however slow the machine is. Only for scoring: a real job
 * never waits for Python.
 */
public class Gate extends SparkFirehoseListener {
  static final long MOST_MILLISECONDS = 60000L;

  final Object tap;
  final Method offer;
  long marked = 0;
  long passed = 0;
  boolean isOpen = false;

  public Gate(Object tap) throws Exception {
    this.tap = tap;
    this.offer = tap.getClass().getDeclaredMethod("offer", new Class[] {String.class});
    this.offer.setAccessible(true);
  }

  public void onEvent(SparkListenerEvent event) {
    boolean isEnd = event instanceof SparkListenerJobEnd || event instanceof SparkListenerSQLExecutionEnd;
    if (isEnd || event.getClass().getName().indexOf(".streaming.") >= 0) await();
  }

  /** Python has dealt with all that the tap said before this mark. */
  public synchronized void letThrough(long mark) {
    passed = mark;
    notifyAll();
  }

  /** Nobody polls any more, so nothing is waited for. */
  public synchronized void open() {
    isOpen = true;
    notifyAll();
  }

  synchronized void await() {
    if (isOpen) return;
    long mark = ++marked;
    long until = System.currentTimeMillis() + MOST_MILLISECONDS;
    try {
      offer.invoke(tap, new Object[] {"{\"what\":\"mark\",\"number\":" + mark + "}"});
      for (long left = MOST_MILLISECONDS; passed < mark && !isOpen && left > 0; left = until - System.currentTimeMillis()) wait(left);
    } catch (Exception failure) {
      isOpen = true;
    }
  }
}
