// What the terminal's own script leaves to the page: the keyboard from the start, saying that a session has ended, and
// beginning another.
"use strict";

const ended = document.getElementById("ended");
const again = document.getElementById("again");

let begun = false;

new MutationObserver(() => {
  if (document.body.classList.contains("-first-byte") && !begun) {
    begun = true;
    document.querySelector(".textual-terminal textarea")?.focus();
  }
  if (document.body.classList.contains("-closed") && ended.hidden) {
    ended.hidden = false;
    again.focus();
  }
}).observe(document.body, { attributes: true, attributeFilter: ["class"] });

again.addEventListener("click", () => location.reload());
