/** The most common passwords of at least eight characters in public leaks, lower-case; shorter ones are refused anyway. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword password! password1! passwort
   12345678 123456789 1234567890 12345678910 123123123 87654321 987654321 0123456789 0987654321 11111111 111111111
   1111111111 00000000 000000000 0000000000 22222222 55555555 66666666 77777777 88888888 99999999 999999999 12341234
   11223344 1122334455 12344321 123454321 147258369 147852369 159753456 123456789a 12345678a a12345678 a123456789
   123456789q q123456789 123456abc 1234abcd abcd1234 abc12345 abcdefgh abcdefg1 aa123456 aa12345678 asd123456
   qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwer1234 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx
   1qazxsw2 q1w2e3r4 asdfghjk asdfghjkl asdf1234 zxcvbnm1 zxcvbnm123 qazwsxedc qweasdzxc letmein1 letmein123 welcome1
   welcome123 iloveyou iloveyou1 sunshine sunshine1 princess princess1 football football1 baseball baseball1
   basketball superman superman1 spiderman batman123 trustno1 starwars starwars1 pokemon1 michelle jennifer jordan23
   computer internet samsung1 whatever blink182 charlie1 michael1 chocolate butterfly liverpool liverpool1 chelsea1
   arsenal1 mercedes corvette metallica slipknot naruto123 dragon123 monkey123 shadow123 master123 changeme changeme1
   changeme123 admin123 admin1234 administrator administrator1 default1 secret123 test1234 testtest test12345 guest123
   user1234 root1234 temp1234 india123 krishna1 jaishreeram sairam123 shelfcast shelfcast1 shelfcast123`
    .split(/\s+/)
    .filter(Boolean),
);
