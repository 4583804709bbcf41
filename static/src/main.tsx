import "@fontsource-variable/inter";
import "./theme/first.css";
import "./theme/tokens.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "./api/queryClient";
import { Frame } from "./frame/Frame";
import { LiveProvider } from "./live/LiveProvider";
import { Trouble } from "./problem/Trouble";
import { isAbsent } from "./part/absent";
import { Notes } from "./problem/Notes";
import { SessionGate } from "./session/SessionGate";
import { wear } from "./theme/look";
import { theme } from "./theme/theme";

wear();

const root = document.getElementById("root");
if (root === null) throw new Error("chat.html has no element with the id root");

// what a part's boundary tells in its place is no fault of the page when only the line was cut
const onCaughtError = (error: unknown) => (isAbsent(error) ? console.warn(error) : console.error(error));

createRoot(root, { onCaughtError }).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notes />
      <Trouble>
        <QueryClientProvider client={makeQueryClient()}>
          <SessionGate>
            <LiveProvider>
              <Frame />
            </LiveProvider>
          </SessionGate>
        </QueryClientProvider>
      </Trouble>
    </MantineProvider>
  </StrictMode>,
);
