import { getElement } from "./page.js";

/** Keeps the short verdict right above a phone's keyboard while one types. */
export function followKeyboard(): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const place = () => {
    const covered = Math.max(0, window.innerHeight - viewport.height - viewport.offsetTop);
    getElement("brief").style.setProperty("--keyboard", `${String(covered)}px`);
  };
  viewport.addEventListener("resize", place);
  viewport.addEventListener("scroll", place);
  place();
}
