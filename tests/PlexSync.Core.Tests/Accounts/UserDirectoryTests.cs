namespace PlexSync.Core.Tests.Accounts;

/// <summary>The order in which a name is looked up (design §3).</summary>
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
    public void Find_prefers_the_earlier_step_when_names_collide()
    {
        var titled = Home(1003, "1002");

        Assert.Equal(Kid.Id, Directory(Kid, titled).Find("1002").Id);
        Assert.Equal(titled.Id, Directory(Kid, titled).Find("title:1002").Id);
        Assert.Equal(Kid.Id, Directory(Kid, Home(1004, "KID")).Find("Kid").Id);
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

    private static UserDirectory Directory(params HomeUser[] users) => new(users[0], users, []);

    private static HomeUser Home(long id, string title, string? username = null, string? email = null, string uuid = "") =>
        new() { Id = new UserId(id), Title = title, Username = username, Email = email, Uuid = uuid };
}
