namespace PlexSync.Testing;

/// <summary>Invented titles that look like real ones.</summary>
internal static class Titles
{
    private static readonly string[] Adjectives =
    [
        "Silent", "Crimson", "Forgotten", "Distant", "Paper", "Northern", "Hollow", "Borrowed", "Patient", "Electric", "Salt", "Second",
        "Amber",
        "Restless", "Gentle", "Winter",
    ];

    private static readonly string[] Nouns =
    [
        "Harbour", "Orchard", "Signal", "Cartographer", "Tide", "Parade", "Observatory", "Inheritance", "Ferryman", "Garden", "Verdict",
        "Meridian", "Archive", "Carousel", "Frontier", "Lantern", "Promise", "Quarry", "Daughter", "Clockmaker",
    ];

    private static readonly string[] Places =
    [
        "Lisbon", "Tromsø", "Montréal", "the Atacama", "Saint-Malo", "Trieste", "Old Kyoto", "Harrow Lane", "the Ninth Floor", "Bergen",
        "Zanzibar", "the Fens",
    ];

    public static readonly (string Title, int Year, int Seasons)[] Shows =
    [
        ("Harrow Lane", 2014, 4), ("The Cartographers", 2019, 2), ("Low Tide", 2008, 5), ("Les Années d'ardoise", 2017, 3), (
            "Signal Hill", 2021, 2),
        ("Night Bus", 2011, 3), ("The Understudy", 2015, 2), ("Cold Harbour", 2004, 6), ("Ninety Metres Down", 2022, 1), (
            "The Allotment", 2018, 3),
        ("Kestrel & Moon", 2012, 2), ("Die Uhrmacherin", 2020, 2),
    ];

    private static readonly string[] EpisodeWords =
    [
        "Arrivals", "The Letter", "Low Water", "Pilot", "A Room of One's Own Making", "Salt", "The Long Weekend", "Witness",
        "Half Past Nine",
        "Debts", "Old Friends", "The Map", "Undertow", "Snow Day", "Borrowed Time", "What the Neighbours Saw", "Mother's Day",
        "The Interview", "Red Herring", "Home",
    ];

    /// <summary>Each title once; the first ones are fixed, so that a demo can name them.</summary>
    public static IEnumerable<string> Movies(Random random)
    {
        string[] all =
        [
            .. Adjectives.SelectMany(adjective => Nouns, (adjective, noun) => $"The {adjective} {noun}"),
            .. Nouns.SelectMany(noun => Places, (noun, place) => $"{noun} of {place}"),
            .. Places.Select(place => $"Last Train to {place}"), .. Places.Select(place => $"A Year in {place}"),
        ];
        random.Shuffle(all);
        return all.Prepend("Amélie's Compass [REC]").Prepend("The Lighthouse Ledger");
    }

    /// <summary>Without end; "… (II)" from the second round on, as series do.</summary>
    public static IEnumerable<string> Episodes(Random random)
    {
        var words = EpisodeWords.ToArray();
        random.Shuffle(words);
        for (var round = 0; ; round++)
            foreach (var word in words) yield return round == 0 ? word : $"{word} ({new string('I', round + 1)})";
    }
}
