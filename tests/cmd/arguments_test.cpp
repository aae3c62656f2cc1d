#include "cmd/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

namespace netchat::cmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Command& sample() {
    static const Command command =
        define({.name = "sample",
                .usage = "[WORD]",
                .groups = {{"Things",
                            {{.name = "port",
                              .shortName = "p",
                              .argument = "PORT",
                              .fallback = "6121",
                              .environment = "PORT"},
                             {.name = "nick", .argument = "NAME"},
                             {.name = "grace", .argument = "TIME", .fallback = "5s"},
                             {.name = "max-file", .argument = "SIZE", .fallback = "2GiB"},
                             {.name = "password-file", .argument = "FILE", .secret = true},
                             {.name = "var", .argument = "N=V", .repeatable = true},
                             {.name = "verbose", .shortName = "v"}}}},
                .wordsMax = 1});
    return command;
}

class ArgumentsTest : public ::testing::Test {
  protected:
    ~ArgumentsTest() override {
        std::error_code ignored;
        std::filesystem::remove(file_, ignored);
    }

    Arguments parse(const std::vector<std::string>& words) {
        return Arguments::parse(sample(), words, [this](const char* name) -> const char* {
            const auto found = environment_.find(name);
            return found == environment_.end() ? nullptr : found->second.c_str();
        });
    }

    // What the user is told; `code` becomes the exit code.
    template <class Act>
    std::string complaint(Act&& act, ExitCode expected = kExitUsage) {
        try {
            act();
        } catch (const UsageError& error) {
            EXPECT_EQ(error.code(), expected);
            return error.what();
        }
        ADD_FAILURE() << "nothing was refused";
        return "";
    }

    std::string refusal(const std::vector<std::string>& words) {
        return complaint([&] { parse(words); });
    }

    std::string configuration(const std::string& text) {
        std::ofstream(file_) << text;
        return file_.string();
    }

    std::map<std::string, std::string> environment_;
    std::filesystem::path file_ = std::filesystem::path(::testing::TempDir()) /
                                  ("netchat-" + std::to_string(::getpid()) + ".properties");
};

TEST_F(ArgumentsTest, TakeValuesInEveryForm) {
    EXPECT_EQ(parse({"--port", "7"}).port("port"), 7);
    EXPECT_EQ(parse({"--port=7"}).port("port"), 7);
    EXPECT_EQ(parse({"-p", "7"}).port("port"), 7);
    EXPECT_EQ(parse({"-p7"}).port("port"), 7);
}

TEST_F(ArgumentsTest, FlagsBeatEnvironmentBeatsFileBeatsDefault) {
    EXPECT_EQ(parse({}).port("port"), 6121);
    const std::string file = configuration("port = 1\n");
    EXPECT_EQ(parse({"--config", file}).port("port"), 1);
    environment_["PORT"] = "2";
    EXPECT_EQ(parse({"--config", file}).port("port"), 2);
    environment_["NETCHAT_PORT"] = "3";
    EXPECT_EQ(parse({"--config", file}).port("port"), 3);
    EXPECT_EQ(parse({"--config", file, "--port", "4"}).port("port"), 4);
}

TEST_F(ArgumentsTest, TakeTheFilesNameFromTheEnvironment) {
    environment_["NETCHAT_CONFIG"] = configuration("max-file = 1MiB");
    EXPECT_EQ(parse({}).sizeBytes("max-file"), 1024u * 1024u);
}

TEST_F(ArgumentsTest, TreatAnEmptyVariableAsNotSet) {
    environment_["PORT"] = "";
    EXPECT_EQ(parse({}).port("port"), 6121);
}

TEST_F(ArgumentsTest, PassOverThePortOfAService) {
    environment_["NETCHAT_PORT"] = "tcp://10.1.2.3:6121";
    const auto arguments = parse({});
    EXPECT_EQ(arguments.port("port"), 6121);
    EXPECT_THAT(arguments.warnings(),
                ElementsAre(HasSubstr("NETCHAT_PORT=tcp://10.1.2.3:6121 is ignored")));
    environment_["PORT"] = "7";
    EXPECT_EQ(parse({}).port("port"), 7);
    environment_["PORT"] = "udp://10.1.2.3:53";
    EXPECT_EQ(parse({}).port("port"), 6121);
}

TEST_F(ArgumentsTest, SayAWrongValueOnce) {
    const auto arguments = parse({"--port", "abc"});
    EXPECT_EQ(complaint([&] {
                  arguments.refuse("port", {ErrorCode::BadValue, "no 'abc' here"});
              }),
              "--port: no 'abc' here");
    EXPECT_EQ(complaint([&] {
                  arguments.refuse("port", {ErrorCode::BadValue, "it is bad"});
              }),
              "--port: it is bad, not 'abc'");
}

TEST_F(ArgumentsTest, ReadTheFileAgain) {
    const auto arguments = parse({"--config", configuration("max-file = 1MiB"), "-v"});
    configuration("max-file = 2MiB");
    const auto again = arguments.readAgain();
    EXPECT_EQ(again.text("max-file"), "2MiB");
    EXPECT_TRUE(again.flag("verbose"));
    EXPECT_EQ(arguments.text("max-file"), "1MiB");
}

TEST_F(ArgumentsTest, KnowWhatWasGiven) {
    EXPECT_FALSE(parse({}).given("port"));
    EXPECT_TRUE(parse({}).has("port"));
    EXPECT_TRUE(parse({"-p1"}).given("port"));
    EXPECT_FALSE(parse({}).has("nick"));
}

TEST_F(ArgumentsTest, KeepRepeatedValuesInOrder) {
    const auto arguments = parse({"--var", "a=1", "--var=b=2", "--var", "c=${x}\n"});
    EXPECT_THAT(arguments.list("var"), ElementsAre("a=1", "b=2", "c=${x}\n"));
    EXPECT_TRUE(parse({}).list("var").empty());
}

TEST_F(ArgumentsTest, ReadFlags) {
    EXPECT_TRUE(parse({"-v"}).flag("verbose"));
    EXPECT_FALSE(parse({}).flag("verbose"));
    environment_["NETCHAT_VERBOSE"] = "off";
    EXPECT_FALSE(parse({}).flag("verbose"));
    environment_["NETCHAT_VERBOSE"] = "True";
    EXPECT_TRUE(parse({}).flag("verbose"));
    environment_["NETCHAT_VERBOSE"] = "maybe";
    EXPECT_EQ(complaint([&] { parse({}).flag("verbose"); }),
              "NETCHAT_VERBOSE in the environment must be yes or no, not 'maybe'");
}

TEST_F(ArgumentsTest, ReadDurationsAndSizes) {
    EXPECT_EQ(parse({}).durationMs("grace"), 5000);
    EXPECT_EQ(parse({"--grace=20ms"}).durationMs("grace"), 20);
    EXPECT_EQ(parse({}).sizeBytes("max-file"), 2ull << 30);
    EXPECT_THAT(complaint([&] {
                    parse({"--grace", "soon"}).durationMs("grace");
                }),
                HasSubstr("--grace must be a duration such as"));
    EXPECT_THAT(complaint([&] {
                    parse({"--max-file", "big"}).sizeBytes("max-file");
                }),
                HasSubstr("--max-file must be a size such as"));
}

TEST_F(ArgumentsTest, SayWhatAValueMustBe) {
    EXPECT_EQ(complaint([&] {
                  parse({"--port", "abc"}).port("port");
              }),
              "--port must be 0 to 65535, not 'abc'");
    EXPECT_EQ(complaint([&] {
                  parse({"--port", "-1"}).port("port");
              }),
              "--port must be 0 to 65535, not '-1'");
    EXPECT_EQ(complaint([&] {
                  parse({"--port", "65536"}).port("port");
              }),
              "--port must be 0 to 65535, not '65536'");
    EXPECT_EQ(complaint([&] { parse({"--port=80 "}).port("port"); }),
              "--port must be 0 to 65535, not '80 '");
    environment_["PORT"] = "x";
    EXPECT_EQ(complaint([&] { parse({}).port("port"); }),
              "PORT in the environment must be 0 to 65535, not 'x'");
    EXPECT_EQ(complaint([&] {
                  parse({"--nick", "eve"}).oneOf("nick", {"a", "b"});
              }),
              "--nick must be one of a, b, not 'eve'");
}

TEST_F(ArgumentsTest, DoNotSwallowAnOptionAsAValue) {
    EXPECT_THAT(refusal({"--port", "--verbose"}), HasSubstr("--port needs a value"));
    EXPECT_THAT(refusal({"--nick", "-v"}), HasSubstr("--nick=-v"));
    EXPECT_EQ(refusal({"--port"}), "--port needs a value");
    EXPECT_EQ(parse({"--nick=-v"}).text("nick"), "-v");
    EXPECT_EQ(parse({"--nick", "-"}).text("nick"), "-");
}

TEST_F(ArgumentsTest, SuggestTheNearestOption) {
    EXPECT_THAT(refusal({"--prot", "1"}), HasSubstr("did you mean --port?"));
    EXPECT_THAT(refusal({"--zzzzzz"}), HasSubstr("unknown option '--zzzzzz' (netchat sample"));
    EXPECT_THAT(refusal({"--v"}), HasSubstr("is ambiguous"));
}

TEST_F(ArgumentsTest, TakeNoShortFormOfAnOptionThatNamesASecret) {
    EXPECT_EQ(parse({"--max", "1MiB"}).text("max-file"), "1MiB");
    EXPECT_EQ(parse({"--password-file", "f"}).text("password-file"), "f");
    EXPECT_EQ(parse({"--password-file=f"}).text("password-file"), "f");
    EXPECT_EQ(parse({"--nick=--password"}).text("nick"), "--password");
    EXPECT_THAT(parse({"--", "--password"}).words(), ElementsAre("--password"));
    for (const std::string typed : {"--pa", "--password", "--password-", "--password-fil"}) {
        for (const std::string& said : {refusal({typed, "hunter2"}), refusal({typed + "=hunter2"}),
                                        refusal({typed + ":hunter2"})}) {
            EXPECT_THAT(said, HasSubstr("unknown option '" + typed + "'")) << typed;
            EXPECT_THAT(said, HasSubstr("write --password-file FILE in full"));
            EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
        }
    }
}

// It may be a password that was meant for another option.
TEST_F(ArgumentsTest, DoNotRepeatTheValueOfAnOptionThatIsNotThere) {
    for (const char* typed : {"--p=hunter2", "--pasword=hunter2", "--secret:hunter2",
                              "--verbose=hunter2", "--v=hunter2"}) {
        EXPECT_EQ(refusal({typed}).find("hunter2"), std::string::npos) << typed;
    }
}

TEST_F(ArgumentsTest, RefuseWhatIsGivenTwiceOrTooMuch) {
    EXPECT_EQ(refusal({"--port", "1", "-p", "2"}), "--port is given twice");
    EXPECT_THAT(refusal({"--verbose=3"}), HasSubstr("takes no value"));
    EXPECT_THAT(refusal({"one", "two"}), HasSubstr("unexpected 'two'"));
}

TEST_F(ArgumentsTest, TellWordsFromOptions) {
    EXPECT_THAT(parse({"--port", "1", "host"}).words(), ElementsAre("host"));
    EXPECT_THAT(parse({"-"}).words(), ElementsAre("-"));
    EXPECT_THAT(parse({"--", "--port"}).words(), ElementsAre("--port"));
}

TEST_F(ArgumentsTest, AnswerHelpBeforeWhatFollowsIt) {
    EXPECT_TRUE(parse({"--help", "--nonsense"}).helpWanted());
    EXPECT_TRUE(parse({"-h"}).helpWanted());
    EXPECT_FALSE(parse({"--", "-h"}).helpWanted());
}

TEST_F(ArgumentsTest, NameTheLineOfAConfigurationThatIsWrong) {
    const auto wrong = [&](const std::string& text) {
        const std::string file = configuration(text);
        const std::string said = complaint(
            [&] {
                parse({"--config", file}).port("port");
            },
            kExitBadInput);
        return said.substr(said.find(".properties") + 11);
    };
    EXPECT_EQ(wrong("# one\nport = abc\n"), ":2: port must be 0 to 65535, not 'abc'");
    EXPECT_EQ(wrong("\n\nprot = 1\n"),
              ":3: unknown option 'prot' in a configuration file; did you mean port?");
    EXPECT_EQ(wrong("nick = a\\\n  b\nnonsense\n"),
              ":3: expected 'option = value', not 'nonsense'");
    EXPECT_EQ(wrong("port = 1\nport = 2\n"), ":2: port is given twice");
    EXPECT_EQ(wrong(" = 2\n"), ":1: expected 'option = value', not '= 2'");
    EXPECT_EQ(wrong("config = other\n"), ":1: unknown option 'config' in a configuration file");
}

TEST_F(ArgumentsTest, SayThatAConfigurationCannotBeRead) {
    const auto said = complaint([&] { parse({"--config", "/no/such/file"}); }, kExitBadInput);
    EXPECT_THAT(said, HasSubstr("'/no/such/file': No such file"));
    EXPECT_THAT(complaint(
                    [&] {
                        parse({"--config", "/"});
                    },
                    kExitBadInput),
                HasSubstr("cannot read the configuration file '/'"));
}

}  // namespace
}  // namespace netchat::cmd
