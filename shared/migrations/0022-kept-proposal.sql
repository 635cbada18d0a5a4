-- Who opened a proposal again that was rejected: from then on it stays as it is until a person decides. Null: nobody did.
alter table proposal add column kept_by text;
