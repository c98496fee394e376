import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./theme/font.css";
import "./theme/global.css";
import { MandateProvider } from "@mandate/react";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { takeLinkToken } from "./auth/link-token";
import { client, queries } from "./client";
import { theme, variables } from "./theme/theme";

// Before anything else can read the address: a login link's token does not stay in it.
takeLinkToken();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        defaultColorScheme="auto"
        colorSchemeManager={localStorageColorSchemeManager({ key: "mandate-theme" })}
      >
        <QueryClientProvider client={queries}>
          <MandateProvider client={client}>
            <Notifications position="bottom-left" />
            <App />
          </MandateProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
