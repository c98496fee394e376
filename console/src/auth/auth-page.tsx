import { Alert, Anchor, Box, Group, Stack, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link, Redirect, Route, Switch } from "wouter";
import { Brand } from "../shell/brand";
import { ThemeToggle } from "../shell/theme-toggle";
import classes from "./auth-page.module.css";
import { LoginForm } from "./login-form";
import { SignupForm } from "./signup-form";

/** The way in: sign in or sign up. */
export function AuthPage({ linkError }: { linkError?: string | undefined }) {
  const [registered, setRegistered] = useState<string>();
  useEffect(() => {
    document.title = "Sign in · Mandate";
  }, []);
  return (
    <Box className={classes.page}>
      <Group justify="space-between" p="md" component="header">
        <Brand />
        <ThemeToggle />
      </Group>
      <main className={classes.main}>
        <Box className={`surface ${classes.card}`}>
          <Switch>
            <Route path="/signup">
              <Stack gap="lg">
                <Heading title="Create your account" lead="Agents act for you only within what you allow." />
                <SignupForm onRegistered={setRegistered} />
                <Text size="sm" ta="center">
                  Have an account?{" "}
                  <Anchor component={Link} href="/login" underline="always">
                    Sign in
                  </Anchor>
                </Text>
              </Stack>
            </Route>
            <Route path="/login">
              <Stack gap="lg">
                <Heading title="Sign in" lead="What your agents may do, and proof of what they did." />
                {linkError !== undefined && (
                  <Alert color="red" title="That login link did not work" role="alert">
                    {linkError} A link works once and for ten minutes.
                  </Alert>
                )}
                {registered !== undefined && (
                  <Alert color="sea" title="Your account is ready" role="status">
                    Sign in as {registered} to begin.
                  </Alert>
                )}
                <LoginForm email={registered} />
                <Text size="sm" ta="center">
                  New here?{" "}
                  <Anchor component={Link} href="/signup" underline="always">
                    Create an account
                  </Anchor>
                </Text>
              </Stack>
            </Route>
            <Route>
              <Redirect to={`/login?next=${encodeURIComponent(location.pathname)}`} replace />
            </Route>
          </Switch>
        </Box>
      </main>
    </Box>
  );
}

function Heading({ title, lead }: { title: string; lead: string }) {
  return (
    <div>
      <Title order={1} size="h2">
        {title}
      </Title>
      <Text c="dimmed">{lead}</Text>
    </div>
  );
}
