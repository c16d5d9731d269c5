/** manifest.json of a run-time folder, written by stage.mjs. */
export interface Manifest {
  readonly version: string;
  readonly pyodide: string;
  /** Files the worker fetches, with their bytes before compression: what progress counts. */
  readonly fetched: Readonly<Record<string, number>>;
}

export function totalBytes(manifest: Manifest): number {
  return Object.values(manifest.fetched).reduce((sum, bytes) => sum + bytes, 0);
}
