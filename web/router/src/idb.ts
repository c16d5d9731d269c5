/** The library `idb`; dist.mjs puts its code in this file's place, since a worker has no bare names. */
export { deleteDB, openDB } from "idb";
