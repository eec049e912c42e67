// Erases what is on a shared screen when nobody is there. Counts by the clock, so that a computer that slept is seen too.
export class Idle {
  private last = Date.now();
  private timer = 0;
  private warned = false;

  constructor(
    private readonly minutes: () => number,
    private readonly warn: (soon: boolean) => void,
    private readonly over: () => void,
  ) {}

  /** Someone is there. */
  touch = (): void => {
    this.last = Date.now();
    if (this.warned) {
      this.warned = false;
      this.warn(false);
    }
  };

  /** There is something on the screen from now on. */
  start = (): void => {
    this.touch();
    if (!this.timer) this.timer = window.setInterval(this.check, 500);
    document.addEventListener("visibilitychange", this.check);
  };

  stop(): void {
    clearInterval(this.timer);
    this.timer = 0;
    this.touch();
    document.removeEventListener("visibilitychange", this.check);
  }

  private check = (): void => {
    const most = this.minutes() * 60_000;
    const left = most - (Date.now() - this.last);
    if (left <= 0) {
      this.stop();
      this.over();
    } else if (!this.warned && left <= Math.min(60_000, most / 2)) {
      this.warned = true;
      this.warn(true);
    }
  };
}
