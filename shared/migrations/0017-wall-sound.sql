-- Whether a critical alert also sounds: many screens hang where nobody wants to hear them.
alter table wall add column sound boolean not null default false;
