// <time data-time="full|time|left">: UTC text becomes the reader's own zone; "left" counts down.
import { word } from "./words.js";

const page = document.documentElement.lang || "en";
// The reader's own region where it is one of this language ("en-GB"); a clock of 24 hours in any case.
const language = navigator.languages.find((each) => each.split("-")[0] === page) ?? page;
const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const FORMS = {
  full: new Intl.DateTimeFormat(language, { year: "numeric", month: "short", day: "numeric", ...clock }),
  time: new Intl.DateTimeFormat(language, clock),
};
const HOURS_FROM = 120; // [min] a laboratory's day is not read in minutes
let ticking = 0;

export function showTimes(root) {
  for (const element of root.querySelectorAll("time[data-time]:not([data-shown])")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    element.dataset.shown = "";
    element.title = element.textContent;
    if (element.dataset.time !== "left") element.textContent = FORMS[element.dataset.time].format(moment);
  }
  countDown();
  ticking ||= window.setInterval(countDown, 5000);
}

function countDown() {
  for (const element of document.querySelectorAll('time[data-time="left"]')) {
    const minutes = Math.floor((new Date(element.dateTime) - Date.now()) / 60000);
    const text = minutes >= HOURS_FROM ? word("hours_left", { n: Math.floor(minutes / 60) }) : minutes >= 0 ? word("minutes_left", { n: minutes }) : word("minutes_over", { n: -minutes });
    if (element.textContent !== text) element.textContent = text;
    element.closest("[data-clock]")?.setAttribute("data-clock", minutes < 0 ? "over" : minutes < 15 ? "soon" : "runs");
  }
}
