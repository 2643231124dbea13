namespace PocketSam;

/// <summary>The table of published weights with their addresses.</summary>
public static class PublishedModels
{
    private const string Apache = "Apache-2.0";
    private const string Meta = "https://dl.fbaipublicfiles.com";
    private const string SegmentAnything = "https://github.com/facebookresearch/segment-anything";
    private const string MobileSam = "https://github.com/ChaoningZhang/MobileSAM";
    private const string TinySam = "https://github.com/xinghaochen/TinySAM";
    private const string Dino = "https://github.com/facebookresearch/dinov2";
    private const string HuggingFace = "https://huggingface.co";
    private const string TinyClip = "wkcn/TinyCLIP-ViT-40M-32-Text-19M-LAION400M";
    private const int ClipSize = 224;
    private const int SamSize = 1024;
    private const int DinoSize = 518;

    /// <summary>All models.</summary>
    public static IReadOnlyList<PublishedModel> All { get; } =
    [
        Sam("sam_vit_b", "SAM ViT-B", "vit_b", 375, "sam_vit_b_01ec64.pth", "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912"),
        Sam("sam_vit_l", "SAM ViT-L", "vit_l", 1250, "sam_vit_l_0b3195.pth", "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622"),
        Sam("sam_vit_h", "SAM ViT-H", "vit_h", 2565, "sam_vit_h_4b8939.pth", "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e"),
        new()
        {
            Name = "mobile_sam", Title = "MobileSAM: TinyViT-5M", Architecture = "vit_t", ImageSize = SamSize, Megabytes = 41,
            Licence = Apache, Source = new(MobileSam), Address = new($"{MobileSam}/raw/master/weights/mobile_sam.pt"),
            Sha256 = "6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
            GitBlob = "7ef2d090979fd9853adf17b7a99c8b94a1c5a6a7",
        },
        Tiny("tinysam", "TinySAM, third release", "3.0/tinysam_42.3.pth"),
        Tiny("tinysam_v1", "TinySAM, first release", "1.0/tinysam.pth"),
        Backbone("dinov2_vits14", "DINOv2 ViT-S/14", 88),
        Backbone("dinov2_vitb14", "DINOv2 ViT-B/14", 346),
        Backbone("dinov2_vitl14", "DINOv2 ViT-L/14", 1218),
        new()
        {
            Name = "tinyclip", Title = "TinyCLIP ViT-40M/32, for words", ImageSize = ClipSize, Megabytes = 338, Licence = "MIT",
            Source = new($"{HuggingFace}/{TinyClip}"), Address = new($"{HuggingFace}/{TinyClip}/resolve/main/model.safetensors"),
            ClipConfiguration = new($"{HuggingFace}/{TinyClip}/resolve/main/config.json"), FileName = "tinyclip_vit_40m_32.safetensors",
        },
    ];

    /// <summary>The model with a name, or null.</summary>
    public static PublishedModel? Find(string name) => All.FirstOrDefault(model => model.Name == name);

    private static PublishedModel Sam(string name, string title, string architecture, int megabytes, string file, string sha256) => new()
    {
        Name = name, Title = title, Architecture = architecture, ImageSize = SamSize, Megabytes = megabytes, Licence = Apache,
        Source = new(SegmentAnything), Address = new($"{Meta}/segment_anything/{file}"), Sha256 = sha256,
    };

    private static PublishedModel Tiny(string name, string title, string file) => new()
    {
        Name = name, Title = title, Architecture = "vit_t", ImageSize = SamSize, Megabytes = 41, Licence = Apache,
        Source = new(TinySam), Address = new($"{TinySam}/releases/download/{file}"),
    };

    private static PublishedModel Backbone(string name, string title, int megabytes) => new()
    {
        Name = name, Title = $"{title}, a backbone", ImageSize = DinoSize, Megabytes = megabytes, Licence = Apache,
        Source = new(Dino), Address = new($"{Meta}/dinov2/{name}/{name}_pretrain.pth"),
    };
}
