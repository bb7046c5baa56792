// Server-sent events out of pieces of text, as far as the service uses them: `event:`, `data:` and comments.

const MOST_WAITING = 32 << 20; // characters of an event that has not ended; beyond that it is no event of ours

export class EventParser {
  #rest = "";
  #searched = 0; // up to where there is no end of an event

  /// @param emit  (event, data), for each event that has become whole.
  push(piece, emit) {
    this.#rest += piece.includes("\r") ? piece.replaceAll("\r\n", "\n") : piece;
    let begin = 0;
    for (;;) {
      const end = this.#rest.indexOf("\n\n", Math.max(begin, this.#searched));
      if (end < 0) break;
      EventParser.#read(this.#rest.slice(begin, end), emit);
      begin = end + 2;
    }
    this.#rest = this.#rest.slice(begin);
    this.#searched = Math.max(0, this.#rest.length - 1);
    if (this.#rest.length > MOST_WAITING) throw new Error("an event of the service does not end");
  }

  static #read(block, emit) {
    let name = "message";
    const data = [];
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon <= 0) continue; // a comment, or a field without a value
      const value = line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
      if (line.startsWith("event:")) name = value;
      else if (line.startsWith("data:")) data.push(value);
    }
    if (data.length > 0) emit(name, data.join("\n"));
  }
}
