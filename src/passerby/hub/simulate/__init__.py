"""Made-up venues: numbers of the daily shape of real ones, for sizing, demonstrations and tests. None was counted."""
