import { InvalidInputError } from "tiny-dancer";
import { getElement, getInput, showFault } from "../page.js";
import { t } from "../words/language.js";

/** Opens the document for live answers, whose own rule allows the server that is named, and no other. */
export function startLiveLink(): void {
  getElement("live-open").addEventListener("submit", (event) => {
    event.preventDefault();
    showFault("live-origin-fault");
    const origin = readOrigin(getInput("live-origin").value);
    if (origin) location.href = `./live.html?allow=${encodeURIComponent(origin)}`;
    else showFault("live-origin-fault", new InvalidInputError(t("live.origin.fault")));
  });
}

/** The origin of an address that may be asked: https, or this machine. */
function readOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, origin } = new URL(text);
  const isHere = protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  return protocol === "https:" || isHere ? origin : null;
}
