#include "tests/screens/shots.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "tests/screens/company.h"
#include "tests/screens/small_png.h"
#include "tests/screens/svg_picture.h"
#include "tests/support/proxy.h"

namespace netchat::test {

namespace {

constexpr std::string_view kEnter = "\r", kNewLine = "\033\r";
constexpr std::string_view kFirstRoom = "\0331", kSecondRoom = "\0332";
constexpr int64_t kQuietUs = 60'000;  // longer than two frames

void save(const std::filesystem::path& path, const Emulator& screen) {
    std::ofstream file(path, std::ios::binary);
    file << svgOf(screen);
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

void writeFile(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
}

// Says it, and waits until its beginning is seen: its end may be wrapped.
void says(Process& who, std::string_view text, EmulatedTerminal& seenBy) {
    who.writeLine(text);
    seenBy.waitFor(text.substr(0, 12));
}

void says(Process& who, std::string_view text, Process& seenBy) {
    who.writeLine(text);
    seenBy.waitForLine(text);
}

void typesLine(EmulatedTerminal& who, std::string_view text) {
    who.type(text);
    who.type(kEnter);
}

// ---- talk.svg

// One message.
void typesLines(EmulatedTerminal& who, const std::vector<std::string_view>& lines) {
    for (const std::string_view line : lines) {
        if (line != lines.front()) who.type(kNewLine);
        who.type(line);
    }
    who.type(kEnter);
}

// What was said before maya came.
void talkBefore(Company& company, Process& ines, Process& kofi, Process& amal) {
    writeFile(company.folderOf("ines") / "dawn-from-the-roof.png", dawnPng());
    says(ines, "morning! the station on the roof survived the storm", kofi);
    says(kofi, "it did, and it logged the gust that took my bike cover: 94 km/h", ines);
    says(amal, "so it is true: the cover has left the country", ines);
    says(kofi, "if anybody has friends by the sea, it is blue", ines);
    ines.writeLine("!upload dawn-from-the-roof.png");
    amal.waitForLine("received dawn-from-the-roof.png");
    says(amal, "oh. may that one be our poster?", ines);
}

// What is said in the lobby while maya looks at another room.
void talkMeanwhile(Process& nadia, Process& ines, Process& kofi, Process& amal) {
    says(nadia, "hello! where do you want the spare anemometer?", amal);
    says(amal,
         "next to the old one, please: then we can compare them, and find out which of the two "
         "exaggerates",
         nadia);
    says(kofi, "maya, are you free at four? somebody has to stay awake on that ladder", nadia);
    says(ines, "there will be plum cake, which may help", nadia);
}

void takeTalk(const std::string& netchat, const std::filesystem::path& folder) {
    Company company(netchat);
    Process& ines = company.joins("ines", "lobby");
    Process& kofi = company.joins("kofi", "lobby");
    Process& amal = company.joins("amal", "lobby");
    Process& priya = company.joins("priya", "dev");
    Process& jonas = company.joins("jonas", "dev");
    talkBefore(company, ines, kofi, amal);

    const auto maya = company.looksAt("maya", "lobby");
    maya->waitFor("our poster?");
    typesLine(*maya, "!join dev");
    maya->waitFor("you are in dev");
    maya->type(kFirstRoom);
    maya->waitFor("our poster?");
    says(ines, "only if everybody who carried the ladder is on it", *maya);
    typesLine(*maya, "I have a photo of us all. I only look asleep");
    maya->waitForQuiet(kQuietUs);
    says(kofi, "you were. standing up, with one arm through the ladder", *maya);
    typesLine(*maya, "it is a gift");
    maya->waitFor("it is a gift");
    typesLines(*maya, {"for the station's log:", "06:10  94 km/h, north-west",
                       "06:11  one bike cover, north-west"});
    maya->waitForQuiet(kQuietUs);
    says(ines, "I will want that on the poster, too", *maya);

    maya->type(kSecondRoom);
    maya->waitFor("you are in dev");
    Process& nadia = company.joins("nadia", "lobby");
    talkMeanwhile(nadia, ines, kofi, amal);
    maya->waitFor("1 lobby 4");
    maya->type(kFirstRoom);
    maya->waitFor("new since you looked");
    says(priya, "build 214 is green on all three boards", jonas);
    says(jonas, "and the log is half the size → ship it", priya);
    maya->waitFor("2 dev 2");
    priya.writeLine("!msg maya psst: is it true that kofi has his birthday today?");
    maya->waitFor("@priya 1");
    maya->type("four is fine, if I hold the ladder and you hold the ca");
    maya->waitFor("hold the ca");
    maya->waitForQuiet(kQuietUs);
    save(folder / "talk.svg", maya->screen());
}

// ---- transfer.svg

// Lets so many bytes a second through until so many have come.
void trickle(Proxy& wire, uint64_t bytes, uint64_t perSecond, EmulatedTerminal& seenBy) {
    constexpr int64_t kStepUs = 10'000;
    constexpr uint64_t kTrickleUsMax = 30'000'000;  // a bound for what fails
    const uint64_t from = wire.fromServer();
    const int64_t begin = nowUs();
    while (wire.fromServer() < from + bytes) {
        const auto elapsed = static_cast<uint64_t>(nowUs() - begin);
        if (elapsed > kTrickleUsMax) throw std::runtime_error("the transfer does not go on");
        wire.holdFromServer(from + std::min(bytes, perSecond * elapsed / 1'000'000));
        seenBy.watch(kStepUs);
    }
}

void takeTransfer(const std::string& netchat, const std::filesystem::path& folder) {
    constexpr uint64_t kMiB = uint64_t{1} << 20;
    Company company(netchat);
    Proxy wire(company.port());
    Process& ines = company.joins("ines", "lobby");
    Process& kofi = company.joins("kofi", "lobby");
    Process& nadia = company.joins("nadia", "lobby");
    company.joins("amal", "lobby");
    writeFile(company.folderOf("ines") / "dawn-from-the-roof.png", dawnPng());
    writeFile(company.folderOf("ines") / "storm-night-timelapse.mp4", std::string(6 * kMiB, 'x'));

    const uint16_t port = static_cast<uint16_t>(std::stoul(wire.address().substr(10)));
    const auto maya = company.looksAt("maya", "lobby", port);
    maya->waitFor("5 here");
    says(nadia, "did anybody see the sky this morning?", *maya);
    says(kofi, "the what?", *maya);
    says(ines, "see it? I was up on the roof. wait", *maya);
    ines.writeLine("!upload dawn-from-the-roof.png");
    maya->waitFor("received dawn-from-the-roof.png");
    typesLine(*maya, "!preview");
    maya->waitUntil("the picture", [](const Emulator& screen) {
        return screen.text().find("▀▀▀▀") != std::string::npos;
    });
    says(kofi, "that is the poster. no discussion", *maya);
    typesLine(*maya, "and the night before? did the camera keep running?");
    maya->waitForQuiet(kQuietUs);
    says(ines, "all of it: here comes the timelapse", *maya);

    wire.holdFromServer(wire.fromServer());
    ines.writeLine("!upload storm-night-timelapse.mp4");
    kofi.waitForLine("received storm-night-timelapse.mp4");
    trickle(wire, 3 * kMiB, 3 * kMiB + kMiB / 5, *maya);
    maya->type("I want to see the moment when the cover le");
    maya->waitFor("the cover le");
    save(folder / "transfer.svg", maya->screen());
}

}  // namespace

void takeShots(const std::string& netchat, const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    takeTalk(netchat, folder);
    takeTransfer(netchat, folder);
}

}  // namespace netchat::test
