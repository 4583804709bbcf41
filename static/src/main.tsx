import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./theme/tokens.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "./api/queryClient";
import { Frame } from "./frame/Frame";
import { LiveProvider } from "./live/LiveProvider";
import { Trouble } from "./problem/Trouble";
import { SessionGate } from "./session/SessionGate";
import { theme } from "./theme/theme";

const root = document.getElementById("root");
if (root === null) throw new Error("chat.html has no element with the id root");

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" limit={3} />
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
