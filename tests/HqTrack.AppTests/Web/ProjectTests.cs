using System.Net;
using System.Net.Http.Json;
using AnnotatorClient;
using HqTrack.AppTests.Infrastructure;
using HqTrack.Media;

namespace HqTrack.AppTests.Web;

[Collection("torch")]
public sealed class ProjectTests(AnnotatorServer server) : IClassFixture<AnnotatorServer>
{
    private HqTrackClient Client => server.Client;

    [Fact]
    public async Task A_project_is_made_listed_renamed_and_deleted()
    {
        var response = await server.Http.PostAsJsonAsync("api/projects", new { name = "  first  " });
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var project = (await response.Content.ReadFromJsonAsync<Project>())!;
        Assert.Equal($"/api/projects/{project.Id}", response.Headers.Location!.OriginalString);
        Assert.Equal(("first", 1, 0, false), (project.Name, project.Revision, project.Frames.Count, project.CanUndo));
        Assert.Equal("second", (await Client.RenameProjectAsync(project.Id, "second")).Name);
        Assert.Contains(project.Id, (await Client.ListProjectsAsync()).Items.Select(item => item.Id));
        await Client.DeleteProjectAsync(project.Id);
        var gone = await Assert.ThrowsAsync<ApiException>(() => Client.GetProjectAsync(project.Id));
        Assert.Equal((404, "not-found"), (gone.Status, gone.Code));
        Assert.False(Directory.Exists(Path.Combine(server.Data, "projects", project.Id)));
    }

    [Fact]
    public async Task Pages_of_the_list_join_up()
    {
        var made = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            made.Add((await Client.CreateProjectAsync($"page {i}")).Id);
        }

        var seen = new List<string>();
        string? after = null;
        do
        {
            var page = await Client.ListProjectsAsync(after, 2);
            Assert.InRange(page.Items.Count, 1, 2);
            seen.AddRange(page.Items.Select(item => item.Id));
            after = page.Next;
        }
        while (after is not null);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Subset(seen.ToHashSet(), made);
    }

    [Fact]
    public async Task Documents_have_tags_and_edits_may_ask_for_one()
    {
        var project = await Client.CreateProjectAsync("tags");
        using var first = await server.Http.GetAsync($"api/projects/{project.Id}");
        Assert.Equal("\"r1\"", first.Headers.ETag!.Tag);
        using var again = new HttpRequestMessage(HttpMethod.Get, $"api/projects/{project.Id}") { Headers = { IfNoneMatch = { first.Headers.ETag } } };
        Assert.Equal(HttpStatusCode.NotModified, (await server.Http.SendAsync(again)).StatusCode);
        await Client.RenameProjectAsync(project.Id, "other");
        using var late = new HttpRequestMessage(HttpMethod.Patch, $"api/projects/{project.Id}") { Headers = { IfMatch = { first.Headers.ETag } }, Content = JsonContent.Create(new { name = "late" }) };
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await server.Http.SendAsync(late)).StatusCode);
        Assert.Equal("other", (await Client.GetProjectAsync(project.Id)).Name);
    }

    [Fact]
    public async Task Frames_come_in_order_once_and_in_the_sizes_asked_for()
    {
        var project = await server.ClipAsync(3, prompted: false);
        Assert.Equal((3, SmallClip.Width, SmallClip.Height), (project.Frames.Count, project.Frames.Width, project.Frames.Height));
        var again = await Client.AddImageAsync(project.Id, "00001.jpg", ImageFile.EncodeJpeg(SmallClip.Draw(1, out _)), "image/jpeg");
        Assert.Equal((1, 1), (again.First, again.Count));
        Assert.Equal(3, (await Client.GetProjectAsync(project.Id)).Frames.Count);
        var own = ImageFile.Decode(await Client.GetFrameAsync(project.Id, 2), "frame");
        Assert.Equal((SmallClip.Width, SmallClip.Height), (own.Width, own.Height));
        Assert.Equal(own.Rgb, ImageFile.Decode(await Client.GetFrameAsync(project.Id, 2, 640), "frame").Rgb); // not enlarged
        var other = await Assert.ThrowsAsync<ApiException>(() => Client.AddImageAsync(project.Id, "wide.jpg", ImageFile.EncodeJpeg(SmallClip.Draw(0, out _, 200, 100)), "image/jpeg"));
        Assert.Equal((422, true), (other.Status, other.Message.Contains("112x80", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Thumbnails_are_small_and_png_frames_come_as_jpeg()
    {
        var project = await Client.CreateProjectAsync("png");
        await Client.AddImageAsync(project.Id, "a.png", ImageFile.EncodePng(SmallClip.Draw(0, out _, 400, 300)), "image/png");
        var small = ImageFile.Decode(await Client.GetFrameAsync(project.Id, 0, 160), "frame");
        Assert.Equal((160, 120), (small.Width, small.Height));
        using var response = await server.Http.GetAsync($"api/projects/{project.Id}/frames/0");
        Assert.Equal("image/jpeg", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(0xD8FF, BitConverter.ToUInt16(await response.Content.ReadAsByteArrayAsync()));
    }

    [Fact]
    public async Task Object_ids_are_never_used_again()
    {
        var project = await Client.CreateProjectAsync("ids");
        Assert.Equal(1, (await Client.AddObjectAsync(project.Id, "cat", "#00FF00")).Id);
        Assert.Equal("#00ff00", Assert.Single(await Client.ListObjectsAsync(project.Id)).Color);
        Assert.Equal(2, (await Client.AddObjectAsync(project.Id)).Id);
        await Client.DeleteObjectAsync(project.Id, 2);
        Assert.Equal(3, (await Client.AddObjectAsync(project.Id)).Id);
        Assert.Equal("object.add", (await Client.UndoAsync(project.Id)).Edit);
        Assert.Equal(4, (await Client.AddObjectAsync(project.Id)).Id);
        var changed = await Client.ChangeObjectAsync(project.Id, 1, name: "dog", hidden: true);
        Assert.Equal(("dog", "#00ff00", false, true), (changed.Name, changed.Color, changed.Locked, changed.Hidden));
    }

    [Fact]
    public async Task Undo_and_redo_walk_over_the_edits()
    {
        var project = await Client.CreateProjectAsync("undo");
        await Client.AddObjectAsync(project.Id, "a");
        await Client.ChangeObjectAsync(project.Id, 1, name: "b");
        await Client.RenameProjectAsync(project.Id, "not undone");
        await Client.DeleteObjectAsync(project.Id, 1);
        Assert.Equal("object.delete", (await Client.UndoAsync(project.Id)).Edit);
        Assert.Equal("b", Assert.Single(await Client.ListObjectsAsync(project.Id)).Name);
        Assert.Equal("object.change", (await Client.UndoAsync(project.Id)).Edit);
        Assert.Equal("a", Assert.Single(await Client.ListObjectsAsync(project.Id)).Name);
        Assert.Equal("object.change", (await Client.RedoAsync(project.Id)).Edit);
        Assert.Equal("b", Assert.Single(await Client.ListObjectsAsync(project.Id)).Name);
        await Client.ChangeObjectAsync(project.Id, 1, name: "c");
        Assert.Equal("nothing-to-redo", (await Assert.ThrowsAsync<ApiException>(() => Client.RedoAsync(project.Id))).Code);
        for (var i = 0; i < 3; i++)
        {
            await Client.UndoAsync(project.Id);
        }

        Assert.Equal("nothing-to-undo", (await Assert.ThrowsAsync<ApiException>(() => Client.UndoAsync(project.Id))).Code);
        Assert.Equal("not undone", (await Client.GetProjectAsync(project.Id)).Name);
    }

    [Fact]
    public async Task The_description_names_every_endpoint_and_the_checks_answer()
    {
        var description = await server.Http.GetStringAsync("openapi/v1.json");
        foreach (var path in (string[])["/api/projects", "/api/projects/{project}/frames/{frame}/preview", "/api/projects/{project}/tracking/{run}/stop", "/api/projects/{project}/events", "/api/info"])
        {
            Assert.Contains($"\"{path}\"", description, StringComparison.Ordinal);
        }

        Assert.Equal("ok", await server.Http.GetStringAsync("healthz"));
        Assert.Equal("ready", await server.Http.GetStringAsync("readyz"));
        var metrics = await server.Http.GetStringAsync("metrics");
        Assert.Contains("hqtrack_web_projects ", metrics, StringComparison.Ordinal);
        Assert.Contains("microsoft_aspnetcore_hosting_http_server_request_duration_bucket", metrics, StringComparison.Ordinal);
        using var page = await server.Http.GetAsync("");
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("default-src 'none'", string.Join(' ', page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }
}
