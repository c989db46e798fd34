// @ts-check
// One question with its answers, as the teacher's page and the followers' pages show it.

export const QUESTION_HTML = `
  <section class="question" aria-label="Question" hidden>
    <h2></h2><div class="choices"></div><p class="said" role="status"></p>
  </section>`;

const LETTERS = "ABCDEFGH";

/** Writes `question` (see ui/class_socket.py), or hides the box. `choose(k)`: a press on an answer; without it the
 * answers are no buttons.
 * @param {HTMLElement} box @param {any} question @param {((choice: number) => void) | null} choose */
export function writeQuestion(box, question, choose) {
  box.hidden = !question;
  // The run's own verdict, and what the scene expects, would give the answer away: follow.css hides them meanwhile.
  document.documentElement.classList.toggle("gan-asks", Boolean(question?.open));
  if (!question) return;
  part(box, "h2").textContent = question.text;
  const choices = part(box, ".choices");
  const signature = `${question.serial} ${question.open} ${question.tally}`;
  if (choices.dataset.signature !== signature) {
    choices.dataset.signature = signature;
    choices.replaceChildren(...question.choices.map((/** @type {string} */ text, /** @type {number} */ k) => (
      question.open ? choiceOf(text, k, choose) : barOf(text, k, question))));
  }
  [...choices.children].forEach((choice, k) => {
    if (choice instanceof HTMLButtonElement) choice.setAttribute("aria-pressed", String(question.mine === k));
    choice.classList.toggle("mine", question.mine === k);
  });
}

/** What a follower should know of the question. @param {any} question @returns {string} */
export function saidToFollower({ open, mine, answer }) {
  const own = mine === null ? "" : `Your answer: ${LETTERS[mine]}.`;
  if (open) return own ? `${own} You can change it until the teacher shows the answer.` : "Choose an answer.";
  if (answer === null || mine === null) return own;
  return mine === answer ? `${own} It is right.` : `${own} The right answer is ${LETTERS[answer]}.`;
}

/** @param {ParentNode} box @param {string} selector */
const part = (box, selector) => /** @type {HTMLElement} */ (box.querySelector(selector));

/** @param {string} text @param {number} k @param {((choice: number) => void) | null} choose */
function choiceOf(text, k, choose) {
  const node = document.createElement(choose ? "button" : "p");
  if (node instanceof HTMLButtonElement) node.type = "button";
  node.className = "choice";
  node.append(letterOf(k), text);
  if (choose) node.addEventListener("click", () => choose(k));
  return node;
}

/** @param {string} text @param {number} k @param {any} question */
function barOf(text, k, { tally, answer }) {
  const all = tally.reduce((/** @type {number} */ sum, /** @type {number} */ count) => sum + count, 0);
  const share = all ? tally[k] / all : 0;
  const node = document.createElement("p");
  node.className = `choice bar${answer === k ? " right" : ""}`;
  node.style.setProperty("--share", `${100 * share}%`);
  const number = document.createElement("span");
  number.className = "number";
  number.textContent = `${tally[k]} (${Math.round(100 * share)} %)`;
  node.append(letterOf(k), text, answer === k ? " ✓ right" : "", number);
  return node;
}

/** @param {number} k */
function letterOf(k) {
  const letter = document.createElement("b");
  letter.textContent = LETTERS[k];
  return letter;
}
