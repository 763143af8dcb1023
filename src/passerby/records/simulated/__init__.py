"""Made-up venues: numbers with the daily shape of real ones, for sizing, demonstrations and tests. None of it was seen."""
