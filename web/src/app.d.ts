// Kit's own ambient types; the app adds none yet.
export {};
