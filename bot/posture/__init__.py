"""Pure rules over DNS answers: where a domain's mail goes, and how its hosts present themselves."""
