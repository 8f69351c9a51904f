namespace PlexSync.Core.Tests.Accounts;

/// <summary>A name means one person, whichever of their names it is, or it is an error that lists everybody who answers to it.</summary>
public sealed class UserDirectoryTests
{
    private static readonly HomeUser Owner = Home(1001, "Owner", username: "owner", email: "o@x.org", uuid: "aaaa");
    private static readonly HomeUser Kid = Home(1002, "Kid", uuid: "bbbb");

    [Theory]
    [InlineData("1002")]
    [InlineData("bbbb")]
    [InlineData("Kid")]
    [InlineData("kid")]
    [InlineData("id:1002")]
    [InlineData("title:Kid")]
    public void Find_takes_id_uuid_and_title(string text) => Assert.Equal(Kid.Id, Directory(Owner, Kid).Find(text).Id);

    [Theory]
    [InlineData("o@x.org")]
    [InlineData("email:o@x.org")]
    [InlineData("username:owner")]
    [InlineData("OWNER")]
    public void Find_takes_email_and_username(string text) => Assert.Equal(Owner.Id, Directory(Owner, Kid).Find(text).Id);

    [Fact]
    public void Find_takes_the_one_who_is_hit_to_the_letter_by_the_shown_name()
    {
        Assert.Equal(Kid.Id, Directory(Kid, Home(1004, "KID")).Find("Kid").Id);
        Assert.Equal(new UserId(1004), Directory(Kid, Home(1004, "KID")).Find("KID").Id);
        AssertAmbiguous(Directory(Kid, Home(1004, "KID")), "kid", 1002, 1004);
    }

    [Fact]
    public void Find_is_ambiguous_when_a_number_is_the_id_of_one_and_the_title_of_another()
    {
        var users = Directory(Kid, Home(1003, "1002"));

        AssertAmbiguous(users, "1002", 1002, 1003);
        Assert.Equal(Kid.Id, users.Find("id:1002").Id);
        Assert.Equal(new UserId(1003), users.Find("title:1002").Id);
    }

    [Theory]
    [InlineData("Sam", "Sam")]
    [InlineData("Sam", "sam")]
    [InlineData("sam", "Sam")]
    public void Find_is_ambiguous_when_a_title_is_the_user_name_of_another(string title, string username)
    {
        var users = new UserDirectory(
            Owner, [Owner, Home(1002, title)], [new PlexUser { Id = new UserId(1005), Title = "Samantha B", Username = username }]);

        foreach (var typed in new[] { "sam", username })
        {
            if (typed != title || typed == username)
            {
                AssertAmbiguous(users, typed, 1002, 1005);
            }
        }

        Assert.Equal(new UserId(1002), users.Find("title:sam").Id);
        Assert.Equal(new UserId(1005), users.Find("username:SAM").Id);
        Assert.Equal(new UserId(1005), users.Find("Samantha B").Id);
    }

    [Fact]
    public void Find_tells_candidates_apart_by_id_and_user_name()
    {
        var users = new UserDirectory(
            Owner, [Owner, Kid], [new PlexUser { Id = new UserId(2001), Title = "Samantha B", Username = "Kid" }]);

        var error = Assert.Throws<PlexException>(() => users.Find("Kid"));

        Assert.Equal(["Kid (id:1002)", "Samantha B (id:2001, @Kid)"], error.Candidates);
    }

    [Fact]
    public void Find_counts_a_person_once_who_is_hit_by_several_names() =>
        Assert.Equal(new UserId(1004), Directory(Owner, Home(1004, "Partner", username: "partner", email: "partner")).Find("PARTNER").Id);

    [Fact]
    public void Find_takes_the_name_that_Plex_shows_and_the_title_behind_it()
    {
        var junior = new HomeUser { Id = new UserId(1006), Title = "Junior", ListedTitle = "kid-profile-2" };

        Assert.Equal(junior.Id, Directory(Owner, Kid, junior).Find("junior").Id);
        Assert.Equal(junior.Id, Directory(Owner, Kid, junior).Find("kid-profile-2").Id);
        AssertAmbiguous(Directory(Owner, Kid, junior with { ListedTitle = "Kid" }), "kid", 1002, 1006);
    }

    [Theory]
    [InlineData("Kid ")]
    [InlineData(" \u200EKid\u200F\t")]
    [InlineData("\uFEFFK\u200Bi\u00ADd")]
    [InlineData("Kid\uFE0F")]
    public void Find_looks_past_invisible_marks_and_spaces_at_the_ends(string title)
    {
        Assert.Equal(new UserId(1002), Directory(Owner, Home(1002, title)).Find("Kid").Id);
        Assert.Equal(Kid.Id, Directory(Owner, Kid).Find(title).Id);
        AssertAmbiguous(Directory(Owner, Kid, Home(1003, title)), "Kid", 1002, 1003);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u200B")]
    [InlineData("id:")]
    public void Find_never_takes_nothing_for_a_name(string typed) =>
        Assert.Equal(
            PlexErrorKind.UserNotFound, Assert.Throws<PlexException>(() => Directory(Owner, Home(1003, "\u200B")).Find(typed)).Kind);

    [Theory]
    [InlineData("id:1002", true)]
    [InlineData("1002", true)]
    [InlineData("Kid", true)]
    [InlineData("kid", false)]
    [InlineData("owner", false)]
    [InlineData("o@x.org", false)]
    [InlineData("username:owner", false)]
    [InlineData("Friend", false)]
    [InlineData("id:2001", false)]
    public void Find_takes_ids_and_exact_names_of_the_Home_when_the_friends_are_not_known(string typed, bool isTaken)
    {
        var reason = new PlexException(PlexErrorKind.ServerError, "plex.tv failed.");
        var users = new UserDirectory(Owner, [Owner, Kid], [], reason);

        if (isTaken)
        {
            Assert.Equal(Kid.Id, users.Find(typed).Id);
            return;
        }

        var error = Assert.Throws<PlexException>(() => users.Find(typed));
        Assert.Equal((PlexErrorKind.FriendsUnknown, reason), (error.Kind, error.InnerException));
    }

    [Theory]
    [InlineData(" id:1002")]
    [InlineData("\u200EID: 1002\u200F")]
    [InlineData("title:\tKid")]
    public void Find_takes_prefixes_past_invisible_marks_and_spaces(string typed) =>
        Assert.Equal(Kid.Id, Directory(Owner, Kid).Find(typed).Id);

    [Theory]
    [InlineData("Papa", 1001)]
    [InlineData("partner@x.org", 1004)]
    [InlineData("username:partner", 1004)]
    public void Find_takes_the_names_of_one_person_from_every_list(string typed, long id)
    {
        var self = new PlexUser { Id = Owner.Id, Title = "Papa" };
        var friend = new PlexUser { Id = new UserId(1004), Title = "Partner", Username = "partner", Email = "partner@x.org" };
        var users = new UserDirectory(self, [Owner, Home(1004, "Mama")], [friend]);

        Assert.Equal(new UserId(id), users.Find(typed).Id);
        Assert.Equal("Mama", users.Find("id:1004").Title);
        Assert.Equal(2, users.Users.Count);
    }

    [Fact]
    public void Find_is_ambiguous_when_another_list_has_the_name_for_another_person()
    {
        var listed = new PlexUser { Id = new UserId(1004), Title = "Mama", Username = "Partner" };
        var friend = new PlexUser { Id = new UserId(2001), Title = "partner" };

        AssertAmbiguous(new UserDirectory(Owner, [Owner, Home(1004, "Mama")], [listed, friend]), "PARTNER", 1004, 2001);
    }

    [Fact]
    public void Find_takes_no_title_behind_a_friendly_name_for_the_name_that_is_shown()
    {
        var junior = Home(1006, "Junior") with { ListedTitle = "Kid" };

        AssertAmbiguous(Directory(Owner, junior, Home(1007, "KID")), "title:Kid", 1006, 1007);
        AssertAmbiguous(Directory(Owner, junior, Home(1007, "KID")), "Kid", 1006, 1007);
    }

    [Theory]
    [InlineData("sam@x.org", "Robert (id:1005, @rob, sam@x.org)", "sam@x.org (id:1006)")]
    [InlineData("Kid", "Junior (id:1007, Kid)", "kid (id:1008)")]
    public void Find_shows_by_which_name_a_candidate_is_hit(string typed, params string[] candidates)
    {
        var users = Directory(
            Home(1005, "Robert", username: "rob", email: "sam@x.org"),
            Home(1006, "sam@x.org"),
            Home(1007, "Junior") with { ListedTitle = "Kid" },
            Home(1008, "kid"));

        Assert.Equal(candidates, Assert.Throws<PlexException>(() => users.Find(typed)).Candidates, StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Le\u0302\u0323", "L\u1EC7")]
    [InlineData("Le\u0323\u0302", "L\u00EA\u0323")]
    [InlineData("\u212Bke", "\u00C5ke")]
    [InlineData("\u212Bke", "a\u030Ake")]
    [InlineData("\u212Aid", "Kid")]
    [InlineData("\u2126", "\u03A9")]
    public void Find_knows_a_name_in_every_form_that_Unicode_calls_the_same(string title, string typed) =>
        Assert.Equal(new UserId(1005), Directory(Owner, Home(1005, title)).Find(typed).Id);

    [Fact]
    public void Find_offers_names_that_look_the_same_with_their_ids()
    {
        var error = Assert.Throws<PlexException>(() => Directory(Owner, Kid, Home(1006, "Kid")).Find("Kidd"));

        Assert.Equal(["Kid (id:1002)", "Kid (id:1006)", "Owner"], error.Candidates);
    }

    [Fact]
    public void Find_lists_the_candidates_when_a_name_is_ambiguous()
    {
        var error = Assert.Throws<PlexException>(() => Directory(Kid, Home(1003, "Kid")).Find("Kid"));

        Assert.Equal(PlexErrorKind.UserAmbiguous, error.Kind);
        Assert.Equal(["Kid (id:1002)", "Kid (id:1003)"], error.Candidates);
    }

    [Fact]
    public void Find_offers_the_nearest_names_first_when_there_is_no_such_user()
    {
        var error = Assert.Throws<PlexException>(() => Directory(Owner, Kid).Find("Kidd"));

        Assert.Equal(PlexErrorKind.UserNotFound, error.Kind);
        Assert.Equal("Kid", error.Candidates[0]);
    }

    [Theory]
    [InlineData("\u00C9lodie", "E\u0301lodie")]
    [InlineData("E\u0301lodie", "\u00E9LODIE")]
    [InlineData("\u017Buk", "Z\u0307uk")]
    [InlineData("\u1EBFn", "e\u0302\u0301n")]
    [InlineData("\uD55C\uAC00", "\u1112\u1161\u11AB\u1100\u1161")]
    [InlineData("\u0419", "\u0438\u0306")]
    [InlineData("\u03AC", "\u03B1\u0301")]
    [InlineData("\u0219", "s\u0326")]
    public void Find_takes_a_name_in_either_unicode_form(string title, string typed) =>
        Assert.Equal(new UserId(1005), Directory(Kid, Home(1005, title)).Find(typed).Id);

    [Fact]
    public void Find_counts_a_home_user_once_when_the_friends_list_names_them_too()
    {
        var listed = new PlexUser { Id = Kid.Id, Title = "Kid" };

        Assert.Same(Kid, new UserDirectory(Owner, [Owner, Kid], [listed]).Find("Kid"));
    }

    [Fact]
    public void Find_is_ambiguous_when_a_friend_has_the_title_of_a_home_user()
    {
        var friend = new PlexUser { Id = new UserId(2001), Title = "Kid" };

        var error = Assert.Throws<PlexException>(() => new UserDirectory(Owner, [Owner, Kid], [friend]).Find("Kid"));

        Assert.Equal(PlexErrorKind.UserAmbiguous, error.Kind);
    }

    private static void AssertAmbiguous(UserDirectory users, string typed, params long[] ids)
    {
        var error = Assert.Throws<PlexException>(() => users.Find(typed));
        Assert.Equal(PlexErrorKind.UserAmbiguous, error.Kind);
        Assert.Equal(ids.Length, error.Candidates.Count);
        Assert.All(ids, id => Assert.Contains(error.Candidates, candidate => candidate.Contains($"id:{id}", StringComparison.Ordinal)));
    }

    private static UserDirectory Directory(params HomeUser[] users) => new(users[0], users, []);

    private static HomeUser Home(long id, string title, string? username = null, string? email = null, string uuid = "") =>
        new() { Id = new UserId(id), Title = title, Username = username, Email = email, Uuid = uuid };
}
