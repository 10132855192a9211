"""Alembic's steps from one form of the tables to the next, packaged so that an installed wheel can migrate."""
