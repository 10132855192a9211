// JSON with the place of its first mistake, in words, the same in every browser.

const WORDS = { '"': "a text", "{": "an object", "[": "a list" };

/** Gives {value} or {error, at, line, column}. */
export function readJson(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    const { error, at } = firstMistake(text);
    const before = text.slice(0, at);
    const line = before.split("\n").length;
    return { error, at, line, column: at - before.lastIndexOf("\n") };
  }
}

class Mistake {
  constructor(error, at) { this.error = error; this.at = at; }
}

function firstMistake(text) {
  let at = 0;
  const fail = (error, where = at) => { throw new Mistake(error, where); };
  const blank = () => { while (at < text.length && " \t\r\n".includes(text[at])) at += 1; };
  const found = () => at >= text.length ? "the end" : `${JSON.stringify(text[at])}`;

  function value() {
    blank();
    const sign = text[at];
    if (sign === "{") return members("{", "}", member);
    if (sign === "[") return members("[", "]", value);
    if (sign === '"') return string();
    const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/.exec(text.slice(at, at + 60));
    if (word) { at += word[0].length; return undefined; }
    return fail(`a value is due, found ${found()}`);
  }

  function members(open, close, one) {
    const start = at;
    at += 1;
    blank();
    if (text[at] === close) { at += 1; return; }
    for (;;) {
      one();
      blank();
      if (text[at] === close) { at += 1; return; }
      if (at >= text.length) fail(`${WORDS[open]} is opened here and never closed`, start);
      if (text[at] !== ",") fail(`a comma or ${close} is due, found ${found()}`);
      const comma = at;
      at += 1;
      blank();
      if (text[at] === close) fail(`no comma may stand before ${close}`, comma);
    }
  }

  function member() {
    blank();
    if (text[at] !== '"') fail(`a name in double quotes is due, found ${found()}`);
    string();
    blank();
    if (text[at] !== ":") fail(`a colon is due after the name, found ${found()}`);
    at += 1;
    value();
  }

  function string() {
    const start = at;
    for (at += 1; at < text.length; at += 1) {
      const sign = text[at];
      if (sign === '"') { at += 1; return; }
      if (sign === "\n") fail("a text is opened here and not closed on its line", start);
      if (sign < " ") fail("a control character stands in a text; write it as \\u00..");
      if (sign === "\\") {
        if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at, at + 6))) fail("this escape is none of JSON's");
        at += 1;
      }
    }
    fail("a text is opened here and never closed", start);
  }

  try {
    blank();
    if (at >= text.length) fail("nothing is written here");
    value();
    blank();
    if (at < text.length) fail(`nothing may follow the value, found ${found()}`);
  } catch (mistake) {
    if (mistake instanceof Mistake) return mistake;
    if (mistake instanceof RangeError) return new Mistake("nested too deeply", at);
    throw mistake;
  }
  return new Mistake("this is no JSON", 0);
}
