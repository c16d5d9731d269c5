"use client";
import { useEffect } from "react";
import { Router } from "tiny-dancer"; // rendered on the server too

export default function Page() {
  useEffect(() => {
    import("../main.js").then(() => import("../hybrid.js")).catch((error) => console.error(String(error)));
  }, []);
  return <p>{typeof Router.load}</p>;
}
