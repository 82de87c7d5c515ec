// The hold on a case: taken when the page is opened by its holder, renewed while he works, and said where it has ended.
import { ask, element } from "./bench_api.js";
import { word } from "./words.js";

const RENEW_EVERY = 60000; // [ms] at most, and only while somebody works

export class Lease {
  constructor(caseId, place, onChange) {
    this.caseId = caseId;
    this.place = place;
    this.onChange = onChange;
    this.key = `lease/${caseId}`;
    this.renewed = 0;
    this.isHeld = false;
    for (const kind of ["pointerdown", "keydown", "wheel"]) {
      document.addEventListener(kind, () => this.#alive(), { passive: true, capture: true });
    }
  }

  get token() {
    return sessionStorage.getItem(this.key);
  }

  // The page of a case that this reader holds.
  async start() {
    if (this.token && (await this.#renew())) return;
    await this.claim();
  }

  async claim() {
    const answer = await ask(`/api/v1/cases/${this.caseId}/claim`, { method: "POST" });
    if (answer.ok) this.#keep(answer.body.lease);
    else this.lost(answer.body.detail);
    return answer.ok;
  }

  // What was held is held no more: it was sent, or handed back.
  end() {
    this.isHeld = false;
    sessionStorage.removeItem(this.key);
    this.say("");
  }

  lost(why) {
    this.isHeld = false;
    sessionStorage.removeItem(this.key);
    const again = element("button", { type: "button", class: "second small-button", onclick: () => this.#again() }, word("lease_again"));
    this.say(`${why ?? word("lease_lost")} `, again);
    this.onChange();
  }

  say(...parts) {
    document.getElementById(this.place)?.replaceChildren(...parts);
  }

  show() {
    if (!this.isHeld) return;
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.say(word("lease_until", { time: time.format(new Date(this.expires)) }));
  }

  async #again() {
    if (await this.claim()) this.onChange();
  }

  async #renew() {
    this.renewed = Date.now();
    const answer = await ask(`/api/v1/cases/${this.caseId}/renew`, { method: "POST", body: { lease_token: this.token } });
    if (answer.ok) this.#keep(answer.body.lease);
    return answer.ok;
  }

  async #alive() {
    if (!this.isHeld || Date.now() - this.renewed < RENEW_EVERY) return;
    const had = this.token;
    if (!(await this.#renew()) && this.isHeld && had === this.token && navigator.onLine) this.lost(word("lease_other"));
  }

  #keep(lease) {
    sessionStorage.setItem(this.key, lease.token);
    this.expires = lease.expires_at;
    this.renewed = Date.now();
    this.isHeld = true;
    this.show();
    this.onChange();
  }
}
