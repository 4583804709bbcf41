import { Skeleton } from "@mantine/core";
import { lazy, Suspense, useEffect, useRef } from "react";
import { linkTo, usePlace } from "../place/usePlace";
import { SettingGroup } from "./SettingGroup";
import styles from "./Settings.module.css";
import { type Section, SECTIONS, sectionOf } from "./words";

const Access = lazy(() => import("./Access"));
const Appearance = lazy(() => import("./Appearance"));
const Budgets = lazy(() => import("./Budgets"));
const Changed = lazy(() => import("./Changed"));
const Models = lazy(() => import("./Models"));
const Notifications = lazy(() => import("./Notifications"));
const PrinciplesView = lazy(() => import("../role/PrinciplesView"));
const Roles = lazy(() => import("../role/Roles"));
const SignIns = lazy(() => import("../tracker/SignIns"));
const Workflows = lazy(() => import("../workflow/Workflows"));

const NOWHERE = { role: null, workflow: null };

/** All that the owner decides. What a click changes can be taken back by one. */
export default function Settings() {
  const place = usePlace();
  const section = place.view === "settings" ? sectionOf(place.section) : null;
  const on = (name: Section) => (section === name ? ("page" as const) : undefined);
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [section]);
  return (
    <div className={styles.page}>
      <nav ref={nav} className={styles.nav} aria-label="Settings">
        {SECTIONS.map(({ name, words }) => (
          <a
            key={name}
            className={styles.place}
            aria-current={on(name)}
            {...linkTo(place, { ...NOWHERE, view: "settings", section: name })}
          >
            {words}
          </a>
        ))}
        <a
          className={styles.place}
          aria-current={section === null ? "page" : undefined}
          {...linkTo(place, { ...NOWHERE, view: "roles", section: null })}
        >
          Roles and prompts
        </a>
      </nav>
      <div className={styles.content}>
        <Suspense fallback={<Skeleton height={320} radius={8} />}>
          {place.view === "roles" && <Roles />}
          {place.view === "principles" && <PrinciplesView />}
          {section === "models" && <Models />}
          {section === "budgets" && <Budgets />}
          {section === "team" && <Team />}
          {section === "workflows" && <Workflows />}
          {section === "trackers" && <SignIns />}
          {section === "notifications" && <Notifications />}
          {section === "look" && <Appearance />}
          {section === "access" && <Access />}
          {section === "changes" && <Changed />}
        </Suspense>
      </div>
    </div>
  );
}

function Team() {
  return (
    <div className={styles.section}>
      <h1 className={styles.title}>The team</h1>
      <SettingGroup names={["auto_trigger_agents", "include_images", "vision_model"]} />
    </div>
  );
}
